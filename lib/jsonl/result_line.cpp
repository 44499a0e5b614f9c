#include "jsonl/result_line.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <simdjson.h>

#include "base/units.hpp"
#include "jsonl/quote.hpp"

namespace batchd::jsonl {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

/// What a row says, before it is judged.
struct Facts {
    bool response = false;  // there is one, and it isn't null
    bool error = false;     // likewise
    std::optional<std::uint64_t> status_code{};
    std::string_view code{};
    std::string_view body_code{};
};

bool is_retryable(std::uint64_t status_code) {
    return status_code == 0 || status_code == 408 || status_code == 409 || status_code == 429 ||
           (status_code >= 500 && status_code <= 599);
}

Verdict judge(const Facts& facts) {
    const bool retryable = facts.status_code && is_retryable(*facts.status_code);
    if (facts.error) {
        if (facts.code == "batch_cancelled") return Verdict::cancelled;
        const bool known = facts.code == "batch_expired" || facts.code == "request_timeout";
        return known || retryable ? Verdict::retry : Verdict::failed;
    }
    if (!facts.response) return Verdict::retry;  // no answer at all
    // A response without a status is an answer all the same: sending it again could cost twice.
    if (!facts.status_code) return Verdict::failed;
    if (*facts.status_code >= 200 && *facts.status_code <= 299) return Verdict::succeeded;
    return retryable ? Verdict::retry : Verdict::failed;
}

/// Calls take(key, value) for each field of `object`. Values that take() leaves alone are skipped unread.
template <class Take>
simdjson::error_code each_field(ondemand::object& object, Take take) {
    for (auto entry : object) {
        std::string_view key;
        // Of the field itself, unescaped_key() wants an argument in some versions, and takes none in others.
        if (const auto ec = entry.unescaped_key().get(key)) return ec;
        ondemand::value value;
        if (const auto ec = entry.value().get(value)) return ec;
        if (const auto ec = take(key, value)) return ec;
    }
    return SUCCESS;
}

/// As each_field(), for a value that may be anything: what isn't an object has no fields.
template <class Take>
simdjson::error_code each_field_of(ondemand::value value, Take take) {
    ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    if (type != ondemand::json_type::object) return SUCCESS;
    ondemand::object object;
    if (const auto ec = value.get_object().get(object)) return ec;
    return each_field(object, take);
}

/// The text of a value, or "" where it is of another type.
simdjson::error_code read_text(ondemand::value value, std::string_view& text) {
    ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    return type == ondemand::json_type::string ? value.get_string().get(text) : SUCCESS;
}

/// The number, or nothing where it is of another type or no whole number.
simdjson::error_code read_count(ondemand::value value, std::optional<std::uint64_t>& count) {
    ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    std::uint64_t number = 0;
    if (type == ondemand::json_type::number && value.get_uint64().get(number) == SUCCESS) count = number;
    return SUCCESS;
}

simdjson::error_code add_count(ondemand::value value, std::uint64_t& sum) {
    std::optional<std::uint64_t> count;
    if (const auto ec = read_count(value, count)) return ec;
    // More than any model takes is nonsense, and must not make the sums of a job overflow.
    if (count && *count < (1ULL << 40)) sum = *count;
    return SUCCESS;
}

simdjson::error_code read_code(ondemand::value error, std::string_view& code) {
    return each_field_of(error, [&](std::string_view key, ondemand::value value) {
        return key == "code" ? read_text(value, code) : SUCCESS;
    });
}

simdjson::error_code read_usage(ondemand::value usage, ResultLine& row) {
    return each_field_of(usage, [&](std::string_view key, ondemand::value value) {
        if (key == "prompt_tokens" || key == "input_tokens") return add_count(value, row.input_tokens);
        if (key == "completion_tokens" || key == "output_tokens") return add_count(value, row.output_tokens);
        return SUCCESS;
    });
}

simdjson::error_code read_body(ondemand::value body, ResultLine& row, Facts& facts) {
    return each_field_of(body, [&](std::string_view key, ondemand::value value) {
        if (key == "usage") return read_usage(value, row);
        if (key == "error") return read_code(value, facts.body_code);
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
        if (key == "custom_id") return read_text(value, row.custom_id);
        const bool is_response = key == "response";
        if (!is_response && key != "error") return SUCCESS;
        ondemand::json_type type;
        if (const auto ec = value.type().get(type)) return ec;
        if (type == ondemand::json_type::null) return SUCCESS;
        (is_response ? facts.response : facts.error) = true;
        return is_response ? read_response(value, row, facts) : read_code(value, facts.code);
    });
}

}  // namespace

void throw_exception_from_error(const BadResult& bad, const boost::source_location&) {
    throw std::runtime_error(bad.what);
}

struct ResultParser::Impl {
    simdjson::error_code read(std::string_view text, ResultLine& row, Facts& facts);
    simdjson::error_code make_room(std::size_t size);

    ondemand::parser parser;
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
    if (const auto ec = make_room(text.size())) return ec;
    ondemand::document document;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + simdjson::SIMDJSON_PADDING);
    if (const auto ec = parser.iterate(padded).get(document)) return ec;
    ondemand::object object;
    if (const auto ec = document.get_object().get(object)) return ec;
    if (const auto ec = read_row(object, row, facts)) return ec;
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? SUCCESS : simdjson::TAPE_ERROR;
}

boost::system::result<ResultLine, BadResult> ResultParser::parse(const Line& line) {
    if (line.too_long) return BadResult{"it has " + with_commas(line.size) + " bytes"};
    ResultLine row;
    Facts facts;
    if (const auto ec = impl_->read(line.text, row, facts))
        return BadResult{"no JSON object (" + std::string(simdjson::error_message(ec)) +
                         "): " + excerpt(line.text)};
    if (row.custom_id.empty()) return BadResult{"no \"custom_id\": " + excerpt(line.text)};
    row.verdict = judge(facts);
    row.status_code = static_cast<unsigned>(std::min<std::uint64_t>(facts.status_code.value_or(0), 999));
    row.error_code = facts.code.empty() ? facts.body_code : facts.code;
    return row;
}

}  // namespace batchd::jsonl
