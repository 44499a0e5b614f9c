#include "engine/lookup.hpp"

namespace batchd::engine {

TimePoint look_back_to(TimePoint intent_at) {
    return intent_at - std::chrono::minutes(15);
}

namespace {

/// Where a listing does not say when something was made, it is not known to be old, and ends no search.
bool is_before(TimePoint created_at, TimePoint not_before) {
    return created_at != TimePoint{} && created_at < not_before;
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
    if (by_key || by_file) found.push_back(batch);
    return Visit::go_on;
}

provider::BatchObject BatchSearch::take_first_made() {
    provider::BatchObject first = std::move(found.back());
    found.pop_back();
    return first;
}

std::vector<std::string> BatchSearch::ids() const {
    std::vector<std::string> ids;
    for (const auto& batch : found) ids.push_back(batch.id);
    return ids;
}

}  // namespace batchd::engine
