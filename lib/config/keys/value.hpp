#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace batchd::config {

struct Member;

/// What a key has in the file, without the library that read it.
struct Value {
    /// A kind that no key of ours has: "a date", "an array", "a number with a fraction".
    struct Other {
        std::string_view kind;
    };
    using Table = std::vector<Member>;

    std::variant<bool, std::int64_t, std::string, Table, Other> content;
    unsigned line = 0;  ///< 1-based; 0: not from a file
};

struct Member {
    std::string name;
    Value value;
};

/// For a message: `"30"`, `5`, `an array`. At most about 80 printable bytes of a text, and no user or
/// password of a URL.
std::string describe(const Value& value);

/// `text` as a TOML string, in one line. Source: TOML 1.0, "String".
std::string toml_string(std::string_view text);

}  // namespace batchd::config
