#include "engine/look/lookup.hpp"

namespace batchd::engine {

bool says_that_there_is_no_listing(const provider::Failure& failure) {
    return failure.kind == provider::FailureKind::unsupported ||
           failure.kind == provider::FailureKind::refused;
}

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

provider::BatchObject BatchSearch::take_furthest() {
    // From the oldest on, which stays the best until a newer one is further along.
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
