#pragma once

#include <string_view>
#include <vector>

#include "provider/openai/json/json_stream.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// What may still be kept of one answer.
struct Room {
    std::size_t bytes = 16 * 1024 * 1024;
    std::size_t errors = 100'000;  // a failed batch may name every one of its lines
    std::size_t error_text_bytes = 1024 * 1024;

    /// False where there is not so much left; then nothing is left.
    bool take(std::size_t wanted) {
        const bool fits = wanted <= bytes;
        bytes -= fits ? wanted : bytes;
        return fits;
    }
};

/// The validation errors of one batch: an object with `data`, a list, one object or a text, all four are
/// about. Takes what stands below "errors" as it comes by; `room` must outlive it.
class ErrorsBuilder {
public:
    explicit ErrorsBuilder(Room& room) : room_(room) {}

    void begin(JsonPath path);
    void end(JsonPath path);
    void scalar(JsonPath path, const boost::json::value& value);
    /// What was kept. Of those for whose texts there was no room any more, the line.
    std::vector<ValidationError> take();

private:
    /// What was read of the current one, as far as there is room.
    void keep();

    Room& room_;
    ValidationError current_;  // the entry of a list that is being read
    ValidationError only_;     // where there is no list
    std::vector<ValidationError> errors_;
};

}  // namespace batchd::provider
