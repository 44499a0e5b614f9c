#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "jsonl/line_reader.hpp"
#include "money/usage.hpp"

namespace batchd::jsonl {

/// What one row of a result file means, whatever file it came in.
enum class Verdict : std::uint8_t {
    succeeded,  ///< answered with 2xx, and without an error
    retry,      ///< batch_expired, or a fault that passes (by status or code)
    cancelled,  ///< batch_cancelled: whether it goes out again depends on who asked for that
    failed,     ///< anything else
    no_model,   ///< likewise: its model or endpoint is not there, or not for batches; another may have it
    no_money,   ///< the account can't pay: it may go out again when somebody has acted
};

/// A row of a result file. The texts are unescaped, numbers in their places are their digits, and valid until
/// the parser's next parse() and the reader's next line.
struct ResultLine {
    std::string_view custom_id;
    bool id_is_number = false;  ///< in the line, where ids that are sent are strings
    Verdict verdict = Verdict::failed;
    unsigned status_code = 0;  ///< of the response; 0 where there is none
    bool ran = true;           ///< false: the provider says that it did not (batch_expired, batch_cancelled)
    std::string_view
        error_code;  ///< of the row's error, else of the error in the response's body; "" where neither
    std::string_view error_message;     ///< likewise, for people
    std::string_view model;             ///< that answered, as the response's body says; "" where it does not
    std::string_view service_tier;      ///< likewise
    std::optional<money::Usage> usage;  ///< of the body, beside an error as well; nothing where it has none
};

/// A line that is no row of a result file: no JSON object, without a custom_id, with neither a response nor
/// an error, so that nobody can tell whether the request ran, or a success without the answer.
struct BadResult {
    std::string what;  ///< why not, printable, with the beginning of the line
};
[[noreturn]] void throw_exception_from_error(const BadResult& bad, const boost::source_location& where);

/// Reads result lines. A line that is no valid JSON anywhere is none, but for those above a mebibyte, of
/// which only the keys that are needed are looked at. Keys may stand in any order. Source:
/// https://platform.openai.com/docs/api-reference/batch/request-output
class ResultParser {
public:
    ResultParser();
    ResultParser(ResultParser&&) noexcept;
    ~ResultParser();

    /// `line` comes from a LineReader, or has 64 readable bytes behind its text.
    boost::system::result<ResultLine, BadResult> parse(const Line& line);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::jsonl
