#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "base/disk/sha256.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/request/request_rules.hpp"

namespace batchd::jsonl {

/// What stands in a request line and is worth a word, though none of it makes the line a bad one.
struct Remarks {
    bool messages = false;  ///< the body has this key, and so on
    bool input = false;
    bool prompt = false;
    bool other_model = false;     ///< a model beside the body is another one than the body's, which is used
    std::string_view not_sent;    ///< a key of a body that stands beside it, such as "temperature"; the first
    std::string_view like_an_id;  ///< there is no "custom_id", but this key, such as "customId"
    std::string_view lone_surrogate;  ///< an escape of half a character, such as `\ud83d`; the first
};

/// One request of an input file. All of it points into the line and into the parser: valid until the parser's
/// next parse() and the reader's next line.
struct Request {
    std::string_view custom_id;
    std::string_view url;  ///< a path, printable ASCII
    std::string_view model;
    std::uint64_t inputs =
        1;  ///< embedding inputs: 1, or the elements of a `body.input` of texts or token lists
    std::uint64_t estimated_tokens =
        0;  ///< a quarter of the body's bytes, rounded up: a rule of thumb for plain text

    std::string_view custom_id_json;         ///< as a JSON string
    std::string_view url_json;               ///< as a JSON string
    std::span<const std::string_view> body;  ///< the pieces that make up the body, an object
    Remarks remarks;
};

/// A line that cannot be sent.
struct BadLine {
    std::string custom_id;  ///< "" where the line has none that can be used
    std::string what;  ///< what is wrong and what would be right: one printable sentence without a full stop
};
[[noreturn]] void throw_exception_from_error(const BadLine& bad, const boost::source_location& where);

/// Checks request lines and completes them. Accepts the OpenAI batch format, and what stands for it: without
/// method, url, model or custom_id (`line-N`), with the model beside the body, with foreign keys, or as a
/// bare body. Source: https://platform.openai.com/docs/api-reference/batch/request-input
class RequestParser {
public:
    explicit RequestParser(RequestDefaults defaults);
    RequestParser(RequestParser&&) noexcept;
    ~RequestParser();

    /// Looks at every byte of the line: what it accepts is valid UTF-8 and valid JSON all through. `line`
    /// must not be blank, and comes from a LineReader, or has 64 readable bytes behind its text.
    boost::system::result<Request, BadLine> parse(const Line& line);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What stands in a line to send: before its id, between that and its url, before its body, and behind that.
constexpr std::string_view kPreparedStart = R"({"custom_id":)";
constexpr std::string_view kPreparedUrl = R"(,"method":"POST","url":)";
constexpr std::string_view kPreparedBody = R"(,"body":)";
constexpr std::string_view kPreparedEnd = "}";

/// How many bytes append_prepared() appends.
std::uint64_t prepared_bytes(const Request& request);

/// Appends the line to send, with its LF: `{"custom_id":…,"method":"POST","url":…,"body":{…}}`, always in
/// this order. The body is what the user wrote, byte for byte, but for what RequestDefaults put in or replace
/// and for CRs between tokens.
void append_prepared(const Request& request, std::string& out);

/// The id of a line that append_prepared() wrote, as a JSON string; nothing where it is no such line.
std::optional<std::string_view> id_of_prepared(std::string_view prepared);

/// The custom_id of a line that append_prepared() wrote; nothing where it is no such line.
std::optional<std::string> prepared_custom_id(std::string_view prepared);

/// A custom_id of which only the digest is certain: nothing where `id_json` is another one, or no JSON
/// string.
std::optional<std::string> custom_id_with(const Digest128& digest, std::string_view id_json);

}  // namespace batchd::jsonl
