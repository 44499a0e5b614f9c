#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace batchd::provider {

/// Where in a text a value stands: the key, or kJsonElement in an array, of each step from the outermost
/// value to it. A key that is longer than 512 bytes or holds a NUL is "\0?".
using JsonPath = std::span<const std::string>;
inline constexpr std::string_view kJsonElement{"\0[]", 3};

inline constexpr std::size_t kJsonDepthMax = 32;

enum class JsonKind { object, array };

/// What stands in a JSON text, as it comes by. False stops the reading.
class JsonVisitor {
public:
    virtual ~JsonVisitor() = default;
    virtual bool begin(JsonPath path, JsonKind kind) = 0;
    virtual bool end(JsonPath path) = 0;
    /// Of a string, 64 KiB and a byte at most.
    virtual bool scalar(JsonPath path, const boost::json::value& value) = 0;
};

/// Reads one JSON text as it comes, in any pieces, and keeps nothing of it: what is to be kept is the
/// visitor's to keep. Nesting deeper than kJsonDepthMax is malformed. `visitor` must outlive it.
class JsonStream {
public:
    explicit JsonStream(JsonVisitor& visitor);
    ~JsonStream();

    /// False when nothing that follows can make a difference.
    bool write(std::string_view piece);

    enum class End {
        whole,
        cut_off,    ///< sound, as far as it came
        malformed,  ///< no JSON
        stopped,    ///< by the visitor
    };
    /// After the last piece.
    End finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::provider
