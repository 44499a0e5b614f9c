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
    /// A kind that no key of ours has: "a date or time".
    struct Other {
        std::string_view kind;
    };
    using Table = std::vector<Member>;
    using Array = std::vector<Value>;

    std::variant<bool, std::int64_t, double, std::string, Array, Table, Other> content;
    std::string where{};  ///< "/etc/batchd/batchd.toml:12" or "environment OPENAI_BASE_URL"
};

/// One key of a table with what it has; they are in the order of the file.
struct Member {
    std::string name;
    Value value;
};

/// For a message: `"30"`, `5`, `an array`. At most about 80 printable bytes of a text, and no user or
/// password of a URL.
std::string describe(const Value& value);

/// `text` as a TOML string, in one line; it is one of JSON as well. Source: TOML 1.0, "String"; RFC 8259, 7.
std::string toml_string(std::string_view text);

/// The shortest text that is read back as the same number, with a sign that it is none of whole numbers:
/// "0.7", "1.0", "1e+22". `number` is finite. It is the same in TOML and JSON.
std::string toml_number(double number);

}  // namespace batchd::config
