#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace batchd::provider::direct {

/// What a body with a good status turns out to be.
struct AnswerShape {
    enum class Kind {
        answer,      ///< a whole object of the endpoint's kind
        error,       ///< JSON that says that it went wrong
        unfinished,  ///< a Responses object that is only begun ("background": true): its answer never comes
                     ///< here
        other,       ///< JSON, but not what the endpoint gives
        not_json,    ///< a page, a text, a stream, or JSON that is cut off
    };
    Kind kind = Kind::not_json;
    std::optional<std::uint64_t> tokens;  ///< all that were used, by its own count
    bool is_json() const { return kind != Kind::not_json; }
};

/// Looks at whole bodies, every byte of them. Keeps its memory from one to the next, unless it was much.
class ShapeReader {
public:
    ShapeReader();
    ~ShapeReader();

    /// `url`: of the request line, "/v1/embeddings"; what an endpoint gives that we do not know is any object
    /// without an error. Never fails: what can't be read is `not_json`.
    AnswerShape read(std::string_view url, std::string_view body);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::provider::direct
