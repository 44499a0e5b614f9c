#include "jsonl/result/result_line.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <simdjson.h>

#include "base/text/byte_order_mark.hpp"
#include "base/text/letter_case.hpp"
#include "base/units.hpp"
#include "jsonl/json_stand_in.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/result/error_facts.hpp"
#include "jsonl/result/loose_values.hpp"
#include "jsonl/result/no_model.hpp"
#include "jsonl/result/no_money.hpp"
#include "jsonl/result/usage_reader.hpp"

namespace batchd::jsonl {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

/// What a row says, before it is judged.
struct Facts {
    bool response = false;  // there is one, and it isn't null
    std::optional<std::uint64_t> status_code{};
    bool body = false;        // the response has one that says anything: not null, "" or {}
    bool answer = false;      // the body has what only an answer has
    ErrorFacts error{};       // of the row
    ErrorFacts body_error{};  // of the response's body
};

/// Whatever it says to one request holds for all of its model.
bool is_about_model(const ErrorFacts& error, std::uint64_t status_code) {
    if (names_no_model(error.code, error.param, error.message)) return true;
    return status_code == 404 && says(error.message, "model");
}

Verdict verdict_of_no(const ErrorFacts& error, std::uint64_t status_code) {
    // With another status the fault is elsewhere, whatever word stands beside it.
    const bool may_be = status_code == 0 || status_code == 400 || status_code == 403 || status_code == 404;
    return may_be && is_about_model(error, status_code) ? Verdict::no_model : Verdict::failed;
}

/// An answer stands, whatever is said beside it: it was made, and is charged.
bool has_answer(const Facts& facts) {
    const bool is_fine = !facts.status_code || (*facts.status_code >= 200 && *facts.status_code <= 299);
    return is_fine && facts.answer && !facts.body_error.said;
}

/// Neither with an answer nor with another fault beside it.
bool is_unpaid(const Facts& facts) {
    const std::uint64_t status = facts.status_code.value_or(0);
    if (facts.answer || (status != 0 && status / 100 != 4)) return false;
    const auto says_so = [](const ErrorFacts& error) {
        return error.said && says_no_money(error.code, error.type, error.message);
    };
    return status == 402 || says_so(facts.error) || says_so(facts.body_error);
}

/// The provider's words for a request that it did not run.
bool says_not_run(const ErrorFacts& error) {
    return error.code == "batch_cancelled" || error.code == "batch_expired";
}

Verdict judge(const Facts& facts) {
    if (is_unpaid(facts)) return Verdict::no_money;
    const bool retryable = facts.status_code && is_retryable(*facts.status_code);
    if (facts.error.said) {
        // There are gateways that write "success" there.
        if (has_answer(facts)) return Verdict::succeeded;
        // The last of these is what we say ourselves of a request that was sent alone.
        const bool may_go_again = says_not_run(facts.error) || facts.error.code == "request_timeout" ||
                                  facts.error.code == "no_answer";
        if (facts.error.code == "batch_cancelled") return Verdict::cancelled;
        // Beside a status, that is what counts; and beside a body it may have been answered, and paid.
        const bool passing = !facts.status_code && !facts.body && names_passing_fault(facts.error.name());
        if (may_go_again || retryable || passing) return Verdict::retry;
        return verdict_of_no(facts.error, facts.status_code.value_or(0));
    }
    // A response without a status is an answer all the same, if it has one: sending it again could cost
    // twice.
    if (!facts.status_code)
        return facts.body && !facts.body_error.said ? Verdict::succeeded : Verdict::failed;
    // Who did not get a status writes 0; with an answer beside it, it was paid for.
    if (*facts.status_code == 0 && facts.answer && !facts.body_error.said) return Verdict::succeeded;
    // Whatever is in the body: it was answered, and is charged.
    if (*facts.status_code >= 200 && *facts.status_code <= 299) return Verdict::succeeded;
    return retryable ? Verdict::retry : verdict_of_no(facts.body_error, *facts.status_code);
}

/// Keys that the answers of the endpoints with batches have beside `usage`, and errors have not.
bool is_one_of_an_answer(std::string_view key) {
    return key == "choices" || key == "output" || key == "data" || key == "results";
}

simdjson::error_code read_body(ondemand::value body, ResultLine& row, Facts& facts) {
    ondemand::json_type type;
    if (const auto ec = body.type().get(type)) return ec;
    if (type != ondemand::json_type::object) return says_anything(body, facts.body);
    return each_field_of(body, [&](std::string_view key, ondemand::value value) {
        facts.body = true;
        if (key == "usage") {
            facts.answer = true;
            return read_usage(value, row.usage, row.service_tier);
        }
        if (is_one_of_an_answer(key)) return says_anything(value, facts.answer);
        if (key == "model") return read_word(value, row.model);
        if (key == "service_tier") return read_word(value, row.service_tier);
        if (key == "error") return read_error(value, facts.body_error);
        return SUCCESS;
    });
}

simdjson::error_code read_response(ondemand::value response, ResultLine& row, Facts& facts) {
    return each_field_of(response, [&](std::string_view key, ondemand::value value) {
        if (key == "status_code") return read_count(value, facts.status_code);
        if (key == "body") return read_body(value, row, facts);
        return SUCCESS;
    });
}

simdjson::error_code read_row(ondemand::object& object, ResultLine& row, Facts& facts) {
    return each_field(object, [&](std::string_view key, ondemand::value value) {
        if (key == "custom_id") {
            ondemand::json_type type;
            if (const auto ec = value.type().get(type)) return ec;
            row.id_is_number = type == ondemand::json_type::number;
            return read_word(value, row.custom_id);
        }
        const bool is_response = key == "response";
        if (!is_response && key != "error") return SUCCESS;
        ondemand::json_type type;
        if (const auto ec = value.type().get(type)) return ec;
        if (type == ondemand::json_type::null) return SUCCESS;
        if (!is_response) return read_error(value, facts.error);
        facts.response = true;
        return read_response(value, row, facts);
    });
}

}  // namespace

void throw_exception_from_error(const BadResult& bad, const boost::source_location&) {
    throw std::runtime_error(bad.what);
}

struct ResultParser::Impl {
    simdjson::error_code read(std::string_view text, ResultLine& row, Facts& facts);
    simdjson::error_code make_room(std::size_t size);
    simdjson::error_code expect_valid(std::string_view text);

    ondemand::parser parser;
    simdjson::dom::parser whole;
};

ResultParser::ResultParser() : impl_(std::make_unique<Impl>()) {}
ResultParser::ResultParser(ResultParser&&) noexcept = default;
ResultParser::~ResultParser() = default;

/// Left to itself, simdjson allocates anew for each line that is longer than all before.
simdjson::error_code ResultParser::Impl::make_room(std::size_t size) {
    if (size <= parser.capacity()) return SUCCESS;
    // It takes several times the line in address space, so the very long ones get no spare room.
    constexpr std::size_t kSpareMax = 16 * 1024 * 1024;
    return parser.allocate(std::max<std::size_t>(size + std::min(size / 2, kSpareMax), 64 * 1024));
}

simdjson::error_code ResultParser::Impl::read(std::string_view text, ResultLine& row, Facts& facts) {
    // Newer versions of simdjson pass over it, older ones don't.
    if (has_byte_order_mark(text)) return simdjson::TAPE_ERROR;
    if (const auto ec = make_room(text.size())) return ec;
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + simdjson::SIMDJSON_PADDING);
    if (const auto ec = parser.iterate(padded).get(document)) return ec;
    ondemand::object object;
    if (const auto ec = document.get_object().get(object)) return ec;
    if (const auto ec = read_row(object, row, facts)) return ec;
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? expect_valid(text) : simdjson::TAPE_ERROR;
}

/// What is looked at on the way may be right in a line that is broken elsewhere (NaN, a comma too many), and
/// whoever gets it could not read it. Very long lines are spared: all of them at once would cost the memory
/// of several.
simdjson::error_code ResultParser::Impl::expect_valid(std::string_view text) {
    constexpr std::size_t kCheckedBytesMax = 1024 * 1024;
    if (text.size() > kCheckedBytesMax) return SUCCESS;
    const auto refused = whole.parse(text.data(), text.size(), false).error();
    if (refused == SUCCESS || refused == simdjson::DEPTH_ERROR) return SUCCESS;  // valid as far as it went
    // Versions of simdjson have different codes for what the standard allows and they can't read.
    return whole.parse(json_stand_in(text)).error();
}

boost::system::result<ResultLine, BadResult> ResultParser::parse(const Line& line) {
    if (line.too_long) return BadResult{"it has " + with_commas(line.size) + " bytes"};
    ResultLine row;
    Facts facts;
    if (const auto ec = impl_->read(line.text, row, facts))
        return BadResult{"no JSON object (" + std::string(simdjson::error_message(ec)) +
                         "): " + excerpt(line.text)};
    if (row.custom_id.empty()) return BadResult{"no \"custom_id\": " + excerpt(line.text)};
    // Such a row tells nothing: the request may have run and been paid for.
    if (!facts.response && !facts.error.said)
        return BadResult{"neither \"response\" nor \"error\": " + excerpt(line.text)};
    row.verdict = judge(facts);
    if (row.verdict == Verdict::succeeded && !facts.body)
        return BadResult{"status " + std::to_string(facts.status_code.value_or(0)) +
                         " without a body: " + excerpt(line.text)};
    row.status_code = static_cast<unsigned>(std::min<std::uint64_t>(facts.status_code.value_or(0), 999));
    row.ran = !says_not_run(facts.error) || has_answer(facts);
    const ErrorFacts& error = facts.error.said ? facts.error : facts.body_error;
    row.error_code = error.name();
    row.error_message = error.message;
    return row;
}

}  // namespace batchd::jsonl
