#include "engine/room/admission.hpp"

namespace batchd::engine {

bool Admission::admit(const Request& request) {
    if (!request.limit) return true;
    std::uint64_t taken = request.enqueued;
    for (const auto& [row, admitted] : admitted_)
        // One that was let in before and asks again does not stand in its own way.
        if (row != request.row && admitted.model == request.model) taken += admitted.tokens;
    // With nothing enqueued it goes whatever its size.
    if (taken != 0 && taken + request.tokens > *request.limit) return false;
    admitted_[request.row] = {request.model, request.tokens};
    return true;
}

void Admission::let_go(std::int64_t row) {
    admitted_.erase(row);
}

}  // namespace batchd::engine
