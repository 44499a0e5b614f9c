#include "sim/azure_texts.hpp"

namespace batchd::sim::azure_texts {

ApiError wrong_key() {
    return {.status = 401,
            .message =
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
                "provide a valid key for an active subscription and use a correct regional API "
                "endpoint for your resource.",
            .param = "",
            .code = "401"};
}

ApiError not_found() {
    return {.status = 404, .message = "Resource not found", .param = "", .code = "404"};
}

ApiError file_not_processed(const std::string& file_id) {
    return {.status = 400,
            .message = "The state of " + file_id + " does not allow this operation.",
            .param = "",
            .code = "invalidPayload"};
}

std::string token_limit(const std::string& deployment, std::uint64_t limit) {
    constexpr std::uint64_t kThousand = 1'000;
    const std::string number =
        limit % kThousand == 0 ? std::to_string(limit / kThousand) + "K" : std::to_string(limit);
    return "The number of enqueued tokens has surpassed the configured limit of " + number +
           " for the deployment '" + deployment +
           "'. Please either increase the limit or try again once the current jobs have finished.";
}

std::string other_model(const std::string& model) {
    return "The deployment '" + model + "' is not the one of the other requests of this batch.";
}

}  // namespace batchd::sim::azure_texts
