#include "engine/room/admission.hpp"

namespace batchd::engine {

bool Admission::admit(const Request& request) {
    if (!request.limit) return true;
    std::uint64_t taken = request.enqueued;
    for (const auto& [row, admitted] : admitted_)
        if (row != request.row && admitted.model == request.model) taken += admitted.tokens;
    if (taken != 0 && taken + request.tokens > *request.limit) return false;
    admitted_[request.row] = {request.model, request.tokens};
    return true;
}

void Admission::let_go(std::int64_t row) {
    admitted_.erase(row);
}

}  // namespace batchd::engine
