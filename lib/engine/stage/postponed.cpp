#include "engine/stage/postponed.hpp"

namespace batchd::engine {

Postponed postponed(const Error& error) {
    return {.why = to_string(error)};
}

Postponed postponed(const provider::Failure& failure, std::string_view doing) {
    Postponed result{.why = std::string(doing) + ": " + provider::to_string(failure)};
    // What the provider asks for is kept to the letter; coming back earlier is what makes it ask for more.
    if (failure.retry_after && *failure.retry_after > Millis{0}) {
        result.until = Postponed::Until::delay;
        result.delay = *failure.retry_after;
    }
    return result;
}

}  // namespace batchd::engine
