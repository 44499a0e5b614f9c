#include "engine/deliver/job_summary.hpp"

#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/json_file.hpp"
#include "money/nano_dollars.hpp"
#include "spool/layout.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t kSummaryBytesMax = 16 * 1024 * 1024;
constexpr std::string_view kKeyLine = "job key: ";

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

std::uint64_t count_at(const json::object& object, std::string_view key) {
    return object.at(key).to_number<std::uint64_t>();
}

std::optional<TimePoint> time_at(const json::object& object, std::string_view key) {
    return parse_utc_text(text_at(object, key));
}

std::optional<std::int64_t> money_at(const json::object& object, std::string_view key) {
    const auto amount = money::parse_dollars(text_at(object, key));
    return amount ? std::optional(amount->count()) : std::nullopt;
}

/// Nothing where it is null, or not there, as in what an earlier batchd wrote.
std::optional<store::JobId> job_at(const json::object& object, std::string_view key) {
    const json::value* const id = object.if_contains(key);
    if (id == nullptr || id->is_null()) return std::nullopt;
    return store::JobId{id->to_number<std::int64_t>()};
}

/// Of a job or of a batch; not there in what an earlier batchd wrote.
store::Spent spent_at(const json::object& object) {
    if (!object.contains("unpriced")) return {};
    return {.cached_tokens = count_at(object, "cached_tokens"),
            .reasoning_tokens = count_at(object, "reasoning_tokens"),
            .cost = money_at(object, "cost"),
            .cost_sync = money_at(object, "cost_sync"),
            .unpriced = count_at(object, "unpriced")};
}

std::string prices_at(const json::object& object) {
    const json::value* const prices = object.if_contains("prices");
    const bool has_any = prices != nullptr && prices->is_array() && !prices->get_array().empty();
    return has_any ? json::serialize(*prices) : std::string();
}

store::Batch batch_of(const json::object& object) {
    store::Batch batch;
    batch.shard = count_at(object, "shard");
    batch.attempt = count_at(object, "attempt");
    batch.provider = text_at(object, "provider");  // "" in what an earlier batchd wrote
    batch.batch_id = text_at(object, "batch_id");
    batch.status = text_at(object, "status");
    batch.endpoint = text_at(object, "endpoint");
    batch.model = text_at(object, "model");
    batch.requests = count_at(object, "requests");
    batch.completed = count_at(object, "completed");
    batch.failed = count_at(object, "failed");
    batch.outcome = store::parse_outcome(text_at(object, "outcome"));
    // Not there in what an earlier batchd wrote.
    if (object.contains("lost")) batch.lost = count_at(object, "lost");
    if (object.contains("possibly_repeated")) batch.possibly_repeated = count_at(object, "possibly_repeated");
    batch.input_tokens = count_at(object, "input_tokens");
    batch.output_tokens = count_at(object, "output_tokens");
    batch.spent = spent_at(object);
    batch.prices = prices_at(object);
    batch.input_file_id = text_at(object, "input_file_id");
    batch.output_file_id = text_at(object, "output_file_id");
    batch.error_file_id = text_at(object, "error_file_id");
    batch.created_at = time_at(object, "created_at").value_or(TimePoint{});
    batch.submitted_at = time_at(object, "submitted_at");
    batch.ended_at = time_at(object, "ended_at");
    batch.error = text_at(object, "error");
    if (const json::value* const shared = object.if_contains("shared");
        shared != nullptr && shared->as_bool())
        batch.bundle = "shared";  // which one nobody asks for any more
    return batch;
}

/// Throws where a member is missing or of another kind.
JobSummary summary_of(const json::object& object) {
    JobSummary summary;
    store::Job& job = summary.job;
    job.id.value = object.at("id").to_number<std::int64_t>();
    job.key = text_at(object, "key");
    job.name = text_at(object, "name");
    const auto state = store::parse_job_state(text_at(object, "state"));
    if (!spool::is_job_key(job.key) || !state || !store::is_final(*state))
        throw std::invalid_argument("it has no job key, or no final state");
    job.state = *state;
    job.reason = text_at(object, "reason");
    job.requests = count_at(object, "requests");
    job.succeeded = count_at(object, "succeeded");
    job.failed = count_at(object, "failed");
    job.size_bytes = count_at(object, "bytes");
    job.sha256 = text_at(object, "sha256");
    job.input_tokens = count_at(object, "input_tokens");
    job.output_tokens = count_at(object, "output_tokens");
    job.spent = spent_at(object);
    job.created_at = time_at(object, "created_at").value_or(TimePoint{});
    job.finished_at = time_at(object, "finished_at");
    // Not there in what an earlier batchd wrote.
    if (const json::value* const changed = object.if_contains("input_changed"); changed != nullptr)
        job.input_changed = changed->as_bool();
    if (const std::string queue = text_at(object, "queue"); !queue.empty()) job.queue = queue;
    if (const std::string provider = text_at(object, "provider"); !provider.empty()) job.provider = provider;
    job.retry_of = job_at(object, "retry_of");
    job.chained_from = job_at(object, "chained_from");
    if (const json::value* const terms = object.if_contains("terms"); terms != nullptr && terms->is_object())
        job.terms = json::serialize(*terms);
    for (const json::value& batch : object.at("batches").as_array())
        summary.batches.push_back(batch_of(batch.as_object()));
    for (store::Batch& batch : summary.batches)
        if (batch.provider.empty()) batch.provider = job.provider;
    return summary;
}

}  // namespace

Result<JobSummary> read_job_summary(const Path& folder) {
    auto summary = read_json_file(folder / "job.json", kSummaryBytesMax,
                                  [](const json::value& value) { return summary_of(value.as_object()); });
    if (summary) summary->job.delivered_to = folder.string();
    return summary;
}

Result<JobSummary> read_rejection(const Path& folder) {
    const Path path = folder / "reason.txt";
    const auto text = read_own_file(path, kSummaryBytesMax);
    if (!text) return text.error();
    // The last one: what stands above it quotes the file, which may hold anything.
    const std::size_t key_line = text->rfind(kKeyLine);
    JobSummary summary;
    store::Job& job = summary.job;
    if (key_line != std::string::npos) job.key = text->substr(key_line + kKeyLine.size(), 36);
    if (!spool::is_job_key(job.key)) return error(Errc::corrupt, path.string() + " has no job key");
    job.name = folder.filename().string();
    job.state = store::JobState::rejected;
    job.reason = text->substr(0, text->find('\n'));
    job.delivered_to = folder.string();
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return system_failure("look at " + path.string());
    // The file does not say when; it was written when the job was rejected.
    job.created_at = TimePoint(std::chrono::seconds(status.st_mtime));
    job.finished_at = job.created_at;
    struct stat input{};
    if (::lstat((folder / "input.jsonl").c_str(), &input) == 0)
        job.size_bytes = static_cast<std::uint64_t>(input.st_size);
    return summary;
}

}  // namespace batchd::engine
