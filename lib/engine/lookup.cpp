#include "engine/lookup.hpp"

namespace batchd::engine {

bool is_before(TimePoint created_at, TimePoint not_before) {
    return created_at != TimePoint{} && created_at < not_before;
}

std::string remote_name(const store::Batch& batch) {
    return "batchd-" + batch.key + ".jsonl";
}

namespace {

/// The more of its requests a batch has run, or may yet run, the more would be lost without it.
int rank(provider::BatchStatus status) {
    using S = provider::BatchStatus;
    if (status == S::completed) return 4;
    if (status == S::finalizing) return 3;
    if (status == S::in_progress) return 2;
    if (status == S::validating || status == S::unknown) return 1;
    return 0;  // it ends, or has ended, with little or nothing
}

}  // namespace

Visit look_at_file(const FileMark& mark, const provider::FileObject& file,
                   std::optional<provider::FileObject>& found) {
    if (file.filename == mark.filename && file.size_bytes == mark.size_bytes) found = file;
    return found || is_before(file.created_at, mark.not_before) ? Visit::enough : Visit::go_on;
}

Visit BatchSearch::look_at(const provider::BatchObject& batch, OnRecord on_record) {
    if (is_before(batch.created_at, not_before)) return Visit::enough;
    if (on_record == OnRecord::yes) return Visit::go_on;
    const auto mark = batch.metadata.find("batchd_key");
    const bool by_key = mark != batch.metadata.end() && mark->second == key;
    const bool by_file = !input_file_id.empty() && batch.input_file_id == input_file_id;
    if (by_key || by_file)
        found.push_back(batch);
    else if (mark == batch.metadata.end() && batch.input_file_id.empty() &&
             (batch.endpoint.empty() || batch.endpoint == endpoint))
        nameless.push_back(batch.id);
    return Visit::go_on;
}

provider::BatchObject BatchSearch::take_furthest() {
    auto best = found.end() - 1;
    for (auto other = best; other != found.begin();)
        if (--other; rank(other->status) > rank(best->status)) best = other;
    provider::BatchObject adopted = std::move(*best);
    found.erase(best);
    return adopted;
}

std::vector<std::string> BatchSearch::ids() const {
    std::vector<std::string> ids;
    for (const auto& batch : found) ids.push_back(batch.id);
    return ids;
}

}  // namespace batchd::engine
