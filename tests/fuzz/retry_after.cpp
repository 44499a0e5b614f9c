#include "http/header/retry_after.hpp"

#include "fuzz/target.hpp"

namespace batchd::fuzz {

void retry_after(std::string_view input) {
    const TimePoint now{std::chrono::seconds(1'800'000'000)};
    for (const auto& wait : {http::parse_retry_after(input, now), http::parse_retry_after_ms(input)})
        if (wait) expect(*wait >= Millis{0} && *wait <= http::kRetryAfterMax, "a wait is bounded");
    http::parse_http_date(input);
}

}  // namespace batchd::fuzz
