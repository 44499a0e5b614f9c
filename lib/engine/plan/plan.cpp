#include "engine/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fcntl.h>

#include "base/log.hpp"
#include "base/units.hpp"
#include "engine/plan/invalid_rows.hpp"
#include "engine/plan/plan_file.hpp"
#include "engine/prepare/prepared_rows.hpp"
#include "engine/prepare/request_split.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {
namespace {

void add_problem(Plan& plan, const ScannedBadLine& bad) {
    if (plan.problems.size() < Plan::kProblemsMax) plan.problems.push_back(bad);
}

void set_totals(Plan& plan, ScanTotals totals) {
    plan.totals = std::move(totals);
    const std::vector<std::uint64_t>& others = plan.totals.ids_of_others;
    for (ScannedBadLine& bad : plan.problems)
        if (std::binary_search(others.begin(), others.end(), bad.line_number)) bad.custom_id.clear();
}

/// Nothing of it can be sent, whatever is to happen to single bad lines.
bool is_no_request_file(const ScanTotals& totals) {
    return totals.mistake && totals.requests == 0;
}

void append(std::vector<Shard>& to, std::vector<Shard> shards) {
    for (Shard& shard : shards) to.push_back(std::move(shard));
}

/// Writes what a scan finds into a job's work directory.
class PlanWriter {
public:
    PlanWriter(const spool::Layout& layout, const std::string& job_key, const Terms& terms)
        : layout_(layout), job_key_(job_key), split_(terms), invalid_(layout.invalid(job_key)) {
        plan_.terms = terms;
    }

    Result<void> request(const ScannedRequest& scanned) {
        // The rest is read all the same, for the person who mends the file wants to know of all bad lines
        // at once, and nothing more is written.
        if (hopeless()) return {};
        // Requests of several models are mixed in a file and not in a batch, so several shards are open at
        // once; one that is full is closed and made durable before the next is begun.
        auto placement = split_.place(scanned);
        if (auto closed = close(std::move(placement.closed)); !closed) return closed;
        auto writer = writer_of(*placement.shard);
        if (!writer) return writer.error();
        return (*writer)->append(scanned);
    }

    Result<void> bad_line(const ScannedBadLine& bad) {
        add_problem(plan_, bad);
        bad_lines_ = true;
        if (plan_.terms.on_invalid_line == config::OnInvalidLine::reject) return {};
        return invalid_.append(bad);
    }

    Result<Plan> finish(const ScanTotals& totals) {
        set_totals(plan_, totals);
        if (hopeless() || is_no_request_file(totals)) return without_shards();
        if (auto closed = close(split_.finish()); !closed) return closed.error();
        if (auto committed = invalid_.commit(totals.ids_of_others); !committed) return committed.error();
        return std::move(plan_);
    }

private:
    /// Only the bad lines are still of interest.
    bool hopeless() const {
        return bad_lines_ && plan_.terms.on_invalid_line == config::OnInvalidLine::reject;
    }

    /// Nobody will send them; the input goes to rejected/ alone.
    Result<Plan> without_shards() {
        writers_.clear();
        // Those that were closed before the first bad line came; what was still open was never given its
        // name.
        for (const Shard& shard : plan_.shards) {
            const Path path = layout_.shard_file(job_key_, {shard.number, 1}, spool::ShardFile::prepared);
            if (auto removed = jsonl::remove_row_file(path); !removed) return removed.error();
        }
        plan_.shards.clear();
        return std::move(plan_);
    }

    Result<PreparedRows*> writer_of(const Shard& shard) {
        auto found = writers_.find(shard.number);
        if (found == writers_.end()) {
            auto created = PreparedRows::create(layout_, job_key_, shard.number);
            if (!created) return created.error();
            found = writers_.emplace(shard.number, std::move(*created)).first;
        }
        return &found->second;
    }

    Result<void> close(std::vector<Shard> shards) {
        for (const Shard& shard : shards) {
            const auto writer = writers_.find(shard.number);
            if (auto committed = writer->second.commit(); !committed) return committed;
            writers_.erase(writer);
        }
        // In the plan only once its file is durable.
        append(plan_.shards, std::move(shards));
        return {};
    }

    const spool::Layout& layout_;
    const std::string& job_key_;
    RequestSplit split_;
    std::map<std::uint64_t, PreparedRows> writers_;
    InvalidRows invalid_;
    bool bad_lines_ = false;
    Plan plan_;
};

}  // namespace

Result<Plan> plan_offline(const Path& input, const Terms& terms, Endpoints whose) {
    // As scan_requests() opens it: who checks what others have named is led nowhere by a link.
    const auto fd = open_file(input, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    return plan_opened(fd->get(), input, terms, whose);
}

Result<Plan> plan_opened(int fd, const Path& input, const Terms& terms, Endpoints whose) {
    Plan plan;
    plan.terms = terms;
    RequestSplit split(terms);
    RequestWarnings warnings(whose);
    const ScanVisitor visitor{.request = [&](const ScannedRequest& scanned) -> Result<void> {
                                  append(plan.shards, split.place(scanned).closed);
                                  warnings.look_at(scanned.line.number, scanned.request);
                                  return {};
                              },
                              .bad_line = [&](const ScannedBadLine& bad) -> Result<void> {
                                  add_problem(plan, bad);
                                  return {};
                              }};
    auto totals = scan_opened(fd, input, terms, ScanHash::none, visitor);
    if (!totals) return totals.error();
    set_totals(plan, std::move(*totals));
    append(plan.shards, split.finish());
    plan.warnings = warnings.take();
    return plan;
}

Result<Plan> plan_job(const spool::Layout& layout, const std::string& job_key, const Terms& terms,
                      const ScanAid& aid) {
    // Left by a run with other settings, it would add errors for lines that are answered.
    if (auto removed = jsonl::remove_row_file(layout.invalid(job_key)); !removed) return removed.error();
    PlanWriter writer(layout, job_key, terms);
    const ScanVisitor visitor{
        .request = [&](const ScannedRequest& scanned) { return writer.request(scanned); },
        .bad_line = [&](const ScannedBadLine& bad) { return writer.bad_line(bad); }};
    // Where a bad line rejects the file, its digest serves nobody once one was found, and computing it is
    // what takes longest.
    const ScanHash hash =
        terms.on_invalid_line == config::OnInvalidLine::reject ? ScanHash::sha256_of_good : ScanHash::sha256;
    auto totals = scan_requests(layout.input(job_key), terms, hash, visitor, aid);
    if (!totals) return totals.error();
    auto plan = writer.finish(*totals);
    // Written last, and before anything is committed: where it is there, all prepared files that it names
    // are durable, which is what a recovery relies on.
    if (plan && !is_rejected(*plan, terms.on_invalid_line))
        if (auto written = write_plan_file(layout.plan(job_key), *plan); !written) return written.error();
    return plan;
}

std::size_t problems_to_name(const Plan& plan) {
    constexpr std::size_t kBesideAMistake = 3;
    return plan.totals.mistake ? std::min(plan.problems.size(), kBesideAMistake) : plan.problems.size();
}

std::string to_string(const ScannedBadLine& problem) {
    return "line " + std::to_string(problem.line_number) + ": " + printable(problem.what);
}

bool is_rejected(const Plan& plan, config::OnInvalidLine on_invalid_line) {
    // A CSV or a picture is a mistake as a whole; to set each of its lines aside would make a job of a
    // million errors.
    if (is_no_request_file(plan.totals)) return true;
    if (plan.totals.bad_lines > 0) return on_invalid_line == config::OnInvalidLine::reject;
    return plan.totals.requests == 0;
}

std::string rejection_summary(const Plan& plan) {
    if (plan.totals.mistake) return jsonl::sentence(*plan.totals.mistake);
    if (plan.totals.bad_lines == 0) return "the file has no request: it must have one JSON object a line";
    const std::string first = to_string(plan.problems.front());
    if (plan.totals.bad_lines == 1) return first;
    return with_commas(plan.totals.bad_lines) + " bad lines; the first is " + first;
}

std::string rejection_text(const Plan& plan, const std::string& job_key) {
    std::string text;
    if (plan.totals.mistake || plan.problems.empty()) text += rejection_summary(plan) + "\n";
    const std::size_t named = problems_to_name(plan);
    for (std::size_t i = 0; i < named; ++i) text += to_string(plan.problems[i]) + "\n";
    if (plan.totals.bad_lines > named)
        text += "and " + with_commas(plan.totals.bad_lines - named) + " more bad lines\n";
    return text + "\njob key: " + job_key + "\n";
}

}  // namespace batchd::engine
