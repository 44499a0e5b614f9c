#include "provider/direct/local/run_object.hpp"

namespace batchd::provider::direct {
namespace {

std::string status_of(const RunRecord& record) {
    // In the words of a provider, so that whoever watches a run watches a batch.
    if (record.is_cancelled) return record.ended_at ? "cancelled" : "cancelling";
    return record.ended_at ? "completed" : "in_progress";
}

}  // namespace

BatchObject object_of(const LocalRun& run) {
    const RunRecord& record = run.record;
    const RunProgress progress = run.progress();
    BatchObject object;
    object.id = std::string(kRunId) + record.key;
    object.status_word = status_of(record);
    object.status = parse_status(object.status_word);
    object.endpoint = record.endpoint;
    object.input_file_id = std::string(kFileId) + record.key;
    // What is answered can be fetched at any time: a cancelled job does not wait for the rest.
    object.output_file_id = std::string(kResultsId) + record.key;
    object.created_at = record.created_at;
    object.ended_at = record.ended_at;
    object.total = record.total;
    object.completed = progress.answered;
    object.failed = progress.failed;
    object.metadata = record.metadata;
    object.possibly_repeated = record.possibly_repeated;
    return object;
}

BatchObject unreadable_object(const std::string& key, TimePoint now) {
    BatchObject object;
    object.id = std::string(kRunId) + key;
    object.status_word = "in_progress";
    object.status = parse_status(object.status_word);
    object.input_file_id = std::string(kFileId) + key;
    object.created_at = now;
    object.metadata["batchd_key"] = key;
    return object;
}

}  // namespace batchd::provider::direct
