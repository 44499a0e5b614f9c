#include "engine/watch/sighting.hpp"

namespace batchd::engine {

store::Sighting sighting_of(const provider::BatchObject& object) {
    store::Sighting sighting;
    sighting.status = object.status_word;
    sighting.completed = object.completed;
    sighting.failed = object.failed;
    sighting.expires_at = object.expires_at;
    sighting.output_file_id = object.output_file_id;
    sighting.error_file_id = object.error_file_id;
    if (object.errors.empty()) return sighting;
    const provider::ValidationError& first = object.errors.front();
    if (first.line) sighting.error = "line " + std::to_string(*first.line) + ": ";
    sighting.error += first.code.empty() ? first.message : first.code + ": " + first.message;
    return sighting;
}

}  // namespace batchd::engine
