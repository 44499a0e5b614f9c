#include "system/invariants.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/disk/sha256.hpp"
#include "sim/backend.hpp"

namespace batchd::testing {
namespace {

namespace json = boost::json;

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

std::string sha256(const std::string& bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

/// Whether `ids` come in the order of `wanted`, and each once.
bool is_subsequence(const std::vector<std::string>& ids, const std::vector<std::string>& wanted) {
    auto at = wanted.begin();
    for (const std::string& id : ids) {
        at = std::find(at, wanted.end(), id);
        if (at == wanted.end()) return false;
        ++at;
    }
    return true;
}

/// A line that was no request has the number of its line for an id.
std::vector<std::string> error_ids_of(const PublishedJob& job) {
    std::vector<std::string> ids;
    for (const ResultLine& line : job.errors) {
        const json::value* const error = line.object.if_contains("error");
        const json::value* const number =
            error != nullptr && error->is_object() ? error->get_object().if_contains("line") : nullptr;
        ids.push_back(line.id.empty() && number != nullptr ? "line-" + json::serialize(*number) : line.id);
    }
    return ids;
}

void check_ids(const PublishedJob& job, const std::string& name) {
    const std::vector<std::string> wanted = request_ids(job.input);
    const std::vector<std::string> errors = error_ids_of(job);
    std::vector<std::string> found = job.output_ids();
    EXPECT_TRUE(is_subsequence(found, wanted)) << name << ": output.jsonl is not in input order";
    EXPECT_TRUE(is_subsequence(errors, wanted)) << name << ": errors.jsonl is not in input order";
    found.insert(found.end(), errors.begin(), errors.end());
    std::vector<std::string> sorted = wanted;
    std::sort(sorted.begin(), sorted.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, sorted) << name << ": ids in and ids out differ";
    for (const ResultLine& line : job.output)
        EXPECT_TRUE(line.status() >= 200 && line.status() < 300) << name << ": " << line.id;
}

/// A retry sends failed requests of the job that it is about, as they were written, and no others.
void check_retry(Workbench& bench, const PublishedJob& job, const std::string& first) {
    const PublishedJob of =
        PublishedJob::read(bench.database().value("SELECT delivered_to FROM jobs WHERE id = ?", {first}));
    EXPECT_TRUE(is_subsequence(request_ids(job.input), error_ids_of(of)));
    std::istringstream lines(job.input);
    for (std::string line; std::getline(lines, line);)
        EXPECT_NE(of.input.find(line), std::string::npos) << line;
}

void check_delivered(Workbench& bench, const Database::Row& row) {
    const std::string &name = row[0], &state = row[1], &digest = row[2], &folder = row[3];
    const std::string& retry_of = row[6];
    const PublishedJob job = PublishedJob::read(folder);
    const bool was_read = digest != "NULL";  // a cancel may come before
    const bool is_altered = row[7] == "1";
    if (was_read)
        EXPECT_TRUE(sha256(job.input) == digest || is_altered) << folder;
    else
        EXPECT_EQ(state, "cancelled") << folder;
    EXPECT_EQ(job.summary.at("input_changed").as_bool(), is_altered) << folder;
    const auto dropped = bench.dropped().find(name);
    const bool is_known = dropped != bench.dropped().end() && contains(dropped->second, job.input);
    EXPECT_TRUE(is_known || retry_of != "NULL") << folder << ": the input is not what was dropped";
    EXPECT_EQ(job.summary.at("state").as_string(), state) << folder;
    EXPECT_EQ(std::to_string(job.output.size()), row[4]) << folder;
    EXPECT_EQ(std::to_string(job.errors.size()), row[5]) << folder;
    EXPECT_EQ(job.has_errors_file, !job.errors.empty()) << folder;
    if (was_read) check_ids(job, name);
    if (retry_of != "NULL") check_retry(bench, job, retry_of);
}

void check_jobs(Workbench& bench) {
    const Database database = bench.database();
    for (const auto& row : database.rows(
             "SELECT name, state, sha256, delivered_to, succeeded, failed, retry_of, input_changed FROM jobs "
             "WHERE state IN ('done', 'failed', 'cancelled')"))
        check_delivered(bench, row);
    for (const auto& row :
         database.rows("SELECT name, delivered_to, reason FROM jobs WHERE state = 'rejected'")) {
        const Path folder = row[1];
        EXPECT_TRUE(contains(bench.dropped().at(row[0]), slurp(folder / "input.jsonl"))) << folder;
        EXPECT_FALSE(slurp(folder / "reason.txt").empty()) << folder;
        EXPECT_NE(row[2], "NULL") << folder;
    }
}

void check_nothing_lost(Workbench& bench) {
    for (const auto& [name, contents] : bench.dropped()) {
        std::size_t waiting = std::filesystem::exists(bench.inbox() / (name + ".jsonl")) ? 1 : 0;
        for (const std::string& queue : bench.queues())
            if (std::filesystem::exists(bench.inbox() / queue / (name + ".jsonl"))) ++waiting;
        const std::size_t jobs = bench.database().count("jobs WHERE name = ? AND retry_of IS NULL", {name});
        EXPECT_EQ(jobs + waiting, contents.size()) << name << " was lost, or taken twice";
    }
}

/// Names that begin with a dot are the daemon's own, and those of `queues` have folders like this one in
/// them; all others are complete.
void check_folder(const Path& parent, const std::vector<std::string>& files,
                  const std::set<std::string>& queues = {}) {
    if (!std::filesystem::exists(parent)) return;
    for (const std::string& queue : queues) check_folder(parent / queue, files);
    for (const auto& entry : std::filesystem::directory_iterator(parent)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(".") || queues.contains(name)) continue;
        for (const std::string& file : files)
            EXPECT_TRUE(std::filesystem::exists(entry.path() / file)) << entry.path() / file;
        for (const auto& inner : std::filesystem::directory_iterator(entry.path()))
            EXPECT_NE(inner.path().extension(), ".tmp") << inner.path();
    }
}

void check_database(const Database& database) {
    if (database.count("jobs") == 0) return;
    EXPECT_EQ(database.value("PRAGMA integrity_check"), "ok");
    EXPECT_TRUE(database.rows("PRAGMA foreign_key_check").empty());
    EXPECT_EQ(database.count("batches WHERE status IN ('completed', 'expired', 'failed', 'cancelled') AND "
                             "ended_at IS NULL"),
              0U);
}

/// A retry runs again what had failed for good: the one thing that people may ask for, once each.
bool was_asked_for(const Database& database, const std::string& violation) {
    if (violation.find("after it had been settled") == std::string::npos) return false;
    return database.count(
               "parts p JOIN batches b ON b.id = p.batch JOIN jobs j ON j.id = p.job_id"
               " WHERE j.retry_of IS NOT NULL AND p.attempt = 1"
               " AND instr(?, b.batch_id) > 0",
               {violation}) == 1;
}

void check_ledger(Workbench& bench) {
    const json::object report = bench.report();
    for (const json::value& violation : report.at("violations").as_array()) {
        const std::string what(violation.as_string());
        EXPECT_TRUE(was_asked_for(bench.database(), what)) << what;
    }
    for (const auto& [key, count] : report.at("creates_by_batchd_key").as_object())
        EXPECT_EQ(count.to_number<int>(), 1) << "batches with the mark " << key;
}

/// Uploads of ours that are there and were never in a batch that ran.
std::vector<sim::StoredFile> unused_uploads(Workbench& bench) {
    std::vector<sim::StoredFile> unused;
    bench.provider().with([&](sim::Backend& backend) {
        for (const sim::StoredFile& file : backend.files.all()) {
            if (file.purpose != "batch" || !file.filename.starts_with("batchd-") || file.deleted_at_ms != 0)
                continue;
            bool is_used = false;
            for (const sim::Batch* batch : backend.batches.of_file(file.id))
                is_used = is_used || batch->status != sim::Status::failed;
            if (!is_used) unused.push_back(file);
        }
    });
    return unused;
}

/// Uploads that nothing uses are deleted once all jobs have ended: what is left belongs to a batch that ran,
/// or to one that was given up while nobody knew whether it runs.
void check_remote_files(Workbench& bench) {
    const Database database = bench.database();
    const std::string final_states = "('done', 'failed', 'rejected', 'cancelled')";
    const bool all_ended =
        database.count("jobs") > 0 &&
        database.count("jobs WHERE cleaned_at IS NULL OR state NOT IN " + final_states) == 0 &&
        database.count("unused_files") == 0;
    if (!all_ended) return;
    for (const sim::StoredFile& file : unused_uploads(bench)) {
        const bool was_given_up = database.count(
                                      "batches WHERE input_file_id = ? AND outcome IN "
                                      "('abandoned', 'unanswered_cancel')",
                                      {file.id}) > 0;
        EXPECT_TRUE(was_given_up) << file.filename << " is left at the provider for nothing";
    }
}

void check_secret(const Workbench& bench) {
    std::vector<Path> seen{bench.root() / "stderr", bench.root() / "stdout"};
    for (const Path& folder : {bench.state(), bench.outbox(), bench.rejected()}) {
        if (!std::filesystem::exists(folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.is_regular_file()) seen.push_back(entry.path());
    }
    for (const Path& path : seen) {
        const bool shows_key =
            std::filesystem::exists(path) && slurp(path).find(kApiKey) != std::string::npos;
        EXPECT_FALSE(shows_key) << "the API key is in " << path;
    }
}

void check_sanitizers(const Workbench& bench) {
    const std::string log = bench.log();
    for (const char* sign : {"Sanitizer", "runtime error:", "terminate called"})
        EXPECT_EQ(log.find(sign), std::string::npos) << sign << " in the daemon's log";
}

}  // namespace

void check_invariants(Workbench& bench) {
    check_database(bench.database());
    check_nothing_lost(bench);
    check_jobs(bench);
    check_folder(bench.outbox(), {"input.jsonl", "output.jsonl", "job.json"}, bench.queues());
    check_folder(bench.rejected(), {"input.jsonl", "reason.txt"}, bench.queues());
    if (bench.has_provider() && !bench.may_find_twins()) check_ledger(bench);
    if (bench.has_provider() && !bench.may_leave_uploads()) check_remote_files(bench);
    check_secret(bench);
    check_sanitizers(bench);
}

}  // namespace batchd::testing
