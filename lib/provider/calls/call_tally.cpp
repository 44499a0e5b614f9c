#include "provider/calls/call_tally.hpp"

#include <algorithm>
#include <utility>

namespace batchd::provider {

std::string_view to_string(Operation operation) {
    switch (operation) {
        case Operation::upload:
            return "upload";
        case Operation::create:
            return "create";
        case Operation::retrieve:
            return "retrieve";
        case Operation::list:
            return "list";
        case Operation::cancel:
            return "cancel";
        case Operation::download:
            return "download";
        case Operation::retrieve_file:
            return "retrieve_file";
        case Operation::delete_file:
            return "delete_file";
        case Operation::request:
            return "request";
    }
    return "";
}

CodeClass code_class(unsigned http_status) {
    switch (http_status / 100) {
        case 2:
            return CodeClass::success;
        case 3:
            return CodeClass::redirect;
        case 4:
            return CodeClass::client_error;
        case 5:
            return CodeClass::server_error;
        default:
            return CodeClass::none;
    }
}

std::string_view to_string(CodeClass code) {
    constexpr std::array<std::string_view, 5> kWords{"2xx", "3xx", "4xx", "5xx", "none"};
    return kWords.at(static_cast<std::size_t>(code));
}

void CallTally::add(Kind kind, Millis took, std::uint64_t bytes) {
    // Bounds are inclusive, as the buckets of Prometheus are that are made of them.
    const auto bound = std::lower_bound(kCallBounds.begin(), kCallBounds.end(), took);
    const auto at = static_cast<std::size_t>(bound - kCallBounds.begin());
    Sum& sum = sums_[kind];
    ++sum.calls.at(at);
    sum.took.at(at) += took;
    sum.bytes += bytes;
    counted_.raise();
}

CallTally::Sums CallTally::take() {
    return std::exchange(sums_, {});
}

}  // namespace batchd::provider
