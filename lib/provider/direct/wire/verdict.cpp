#include "provider/direct/wire/verdict.hpp"

#include <algorithm>
#include <utility>

#include <boost/beast/core/error.hpp>

#include "base/log.hpp"
#include "base/text/byte_order_mark.hpp"
#include "base/text/letter_case.hpp"
#include "jsonl/result/no_money.hpp"
#include "provider/direct/pace/named_wait.hpp"
#include "provider/direct/wire/mend_json.hpp"
#include "provider/openai/batch_json.hpp"
#include "provider/openai/json/json_scalar.hpp"
#include "provider/token_limit.hpp"

namespace batchd::provider::direct {
namespace {

struct Answered {
    const http::Response& response;
    ErrorEnvelope error;
    bool has_own_words = false;  ///< the API's error object, not a page or text of something before it
};

Answered understood(const http::Response& response) {
    auto error = parse_error(response.body);
    const bool has_own_words = error.has_value() && !response.is_from_elsewhere;
    return {response, error.value_or(ErrorEnvelope{}), has_own_words};
}

/// The number behind `name` in a message: "Limit 30,000, Requested 36278", "Limit: 30K".
std::optional<std::uint64_t> number_behind(std::string_view message, std::string_view name) {
    // The word may stand in others before, as in "RateLimitError".
    for (std::size_t at = message.find(name); at != std::string_view::npos; at = message.find(name, at + 1)) {
        std::string_view rest = message.substr(at + name.size());
        if (rest.starts_with(':')) rest.remove_prefix(1);
        if (rest.starts_with(' ')) rest.remove_prefix(1);
        if (const auto number = leading_number(rest)) return number;
    }
    return std::nullopt;
}

/// "Request too large": it is larger than all that is allowed in a minute, and will be in the next one.
bool never_fits(const ErrorEnvelope& error) {
    const auto limit = number_behind(error.message, "Limit");
    const auto requested = number_behind(error.message, "Requested");
    return limit && requested && *requested > *limit;
}

/// An empty purse has no time at which it is full again.
bool names_a_time(const Answered& answer) {
    const auto& headers = answer.response.headers;
    const auto is_about_rates = [](const http::Header& header) {
        return header.name.starts_with("x-ratelimit-") || header.name.starts_with("retry-after");
    };
    return std::any_of(headers.begin(), headers.end(), is_about_rates) ||
           named_wait(answer.error.message).has_value();
}

bool is_spent(const Answered& answer) {
    const ErrorEnvelope& error = answer.error;
    // Gemini words each of its limits of a minute as an exceeded quota, and says when it is over.
    return answer.response.status == 402 || jsonl::names_no_money(error.code, error.type) ||
           (says(error.message, "exceeded your current quota") && !names_a_time(answer));
}

/// A 403 is about the key, unless it names what must not be used.
bool is_about_access_to_model(const ErrorEnvelope& error) {
    return error.code == "model_not_found" || says(error.message, "access to model");
}

Verdict with(Meaning meaning, Load load) {
    Verdict verdict;
    verdict.meaning = meaning;
    verdict.load = load;
    return verdict;
}

Verdict lost_after_long() {
    Verdict verdict = with(Meaning::broken, Load::overloaded);
    verdict.is_long_lost = true;
    verdict.code = "request_timeout";
    return verdict;
}

/// A gateway that could not reach the server: the request did not get so far. A 502 is none, nor are 520 and
/// 522: gateways say so as well where the server died over the request, which would kill the next one, too.
bool was_not_forwarded(unsigned status, bool has_own_words) {
    return !has_own_words && (status == 521 || status == 523);
}

Verdict of_server_fault(const Answered& answer) {
    const unsigned status = answer.response.status;
    // "Overloaded" is said before any work is done, so the row has cost nothing and no attempt of it is
    // used up.
    if (status == 503 || status == 529) return with(Meaning::not_let_in, Load::refused);
    // A gateway lost its patience with a request that the server may well have finished, and that may be
    // paid.
    if (status == 504 || status == 524) return lost_after_long();
    if (was_not_forwarded(status, answer.has_own_words)) return with(Meaning::not_let_in, Load::refused);
    if (status == 501 && answer.has_own_words) return with(Meaning::no_model, Load::other);
    return with(Meaning::broken, Load::failing);
}

Verdict of_no(const Answered& answer) {
    const unsigned status = answer.response.status;
    const ErrorEnvelope& error = answer.error;
    // Before the status: several say with 429 that the money is gone, which no pause mends.
    if (is_spent(answer)) return with(Meaning::quota, Load::other);
    if (status == 401) return with(Meaning::unauthorized, Load::other);
    if (status == 429)
        return with(never_fits(error) ? Meaning::row_failed : Meaning::not_let_in,
                    never_fits(error) ? Load::other : Load::refused);
    // Groq's word for a lack of capacity at the moment. Source: https://console.groq.com/docs/errors
    if (status == 498) return with(Meaning::not_let_in, Load::refused);
    if (status == 408) return lost_after_long();
    if (status == 409 || status == 423 || status == 425 || status == 499)
        return with(Meaning::broken, Load::other);
    // From whomever it comes: a body that is too large is so the next time as well.
    if (status == 413) return with(Meaning::row_failed, Load::other);
    // A page says nothing about the row: something on the way spoke it, and would to all the others as well.
    if (!answer.has_own_words) return with(Meaning::broken, Load::failing);
    if (status == 403)
        return with(is_about_access_to_model(error) ? Meaning::no_model : Meaning::unauthorized, Load::other);
    if (status == 404 || status == 405) return with(Meaning::no_model, Load::other);
    // "This model is only supported in v1/responses", "The model does not exist".
    const bool names_model = error.param == "model" || error.code == "model_not_found";
    if (status == 400 && names_model) return with(Meaning::no_model, Load::other);
    return with(Meaning::row_failed, Load::other);
}

/// What is wrong with it would be wrong with the next as well, which would be paid, too.
AnswerShape shape_of(http::Response& response, std::string_view url, ShapeReader& shapes) {
    const AnswerShape shape = shapes.read(url, response.body);
    if (shape.is_json()) return shape;
    auto mended = mend_json(response.body);
    if (!mended) return shape;
    const AnswerShape of_mended = shapes.read(url, *mended);
    if (of_mended.kind != AnswerShape::Kind::answer) return shape;
    response.body = std::move(*mended);
    return of_mended;
}

Verdict of_good(http::Response& response, std::string_view url, ShapeReader& shapes) {
    using Kind = AnswerShape::Kind;
    const AnswerShape shape = shape_of(response, url, shapes);
    Verdict verdict = with(Meaning::broken, Load::failing);
    if (shape.kind == Kind::answer) verdict = with(Meaning::answered, Load::answered);
    // Again would most likely end the same, and be paid the same.
    if (shape.kind == Kind::unfinished) verdict = with(Meaning::row_failed, Load::answered);
    verdict.is_json = shape.is_json();
    verdict.tokens_used = shape.tokens;
    return verdict;
}

/// A wait pauses all of the account. What is said of one request ("wait 30 minutes for the file") does not
/// concern the others.
bool asks_all_to_wait(unsigned status, Meaning meaning) {
    const bool is_about_row = meaning == Meaning::row_failed || meaning == Meaning::no_model;
    return !is_about_row && (status == 408 || status == 429 || status == 498 || status >= 500);
}

std::string shown_part(std::string_view body) {
    const std::string_view text = body.substr(0, kUnsafeBytesMax);
    return text.empty() ? "(no text)" : printable(text);
}

std::string message_of(const Answered& answer) {
    const std::string status = std::to_string(answer.response.status) + " ";
    const std::string& message = answer.error.message;
    if (answer.response.status / 100 == 2)
        return status + "without an answer in it: " + shown_part(answer.response.body);
    return status + (message.empty() ? shown_part(answer.response.body) : shown_part(message));
}

}  // namespace

std::string_view to_string(Meaning meaning) {
    switch (meaning) {
        case Meaning::answered:
            return "answered";
        case Meaning::not_let_in:
            return "not let in";
        case Meaning::broken:
            return "broken";
        case Meaning::row_failed:
            return "row failed";
        case Meaning::no_model:
            return "no model";
        case Meaning::unauthorized:
            return "unauthorized";
        case Meaning::quota:
            return "quota";
    }
    return "broken";
}

Verdict judge_answer(http::Response& response, std::string_view url, ShapeReader& shapes, TimePoint now) {
    if (has_byte_order_mark(response.body)) response.body.erase(0, kByteOrderMark.size());
    if (response.status / 100 == 2) {
        Verdict verdict = of_good(response, url, shapes);
        if (verdict.meaning == Meaning::answered) return verdict;
        verdict.code = "no_answer";
        verdict.message = message_of(understood(response));
        return verdict;
    }
    const Answered answer = understood(response);
    // It leads all of them elsewhere, and none may follow.
    Verdict verdict = response.status < 400   ? with(Meaning::broken, Load::failing)
                      : response.status < 500 ? of_no(answer)
                                              : of_server_fault(answer);
    if (asks_all_to_wait(response.status, verdict.meaning))
        verdict.wait = wait_asked_for(response, answer.error.message, now);
    verdict.is_json = shapes.read(url, response.body).is_json();
    if (verdict.code.empty()) verdict.code = "no_answer";
    verdict.message = message_of(answer);
    return verdict;
}

Verdict judge_failure(const http::TransportError& error) {
    Verdict verdict = with(Meaning::broken, Load::failing);
    verdict.code = "no_answer";
    // Nothing was sent, so nothing can have been paid.
    if (error.phase == http::Phase::connect) {
        verdict.meaning = Meaning::not_let_in;
        verdict.load = Load::refused;
        verdict.is_unreachable = true;
    } else if (error.phase == http::Phase::local) {
        verdict.load = Load::other;  // the request itself can't be sent
    } else if (error.code == boost::beast::error::timeout) {
        verdict = lost_after_long();
    } else if (error.code == Errc::too_large) {
        // It was made, and paid for, and would be as long the next time.
        verdict = with(Meaning::row_failed, Load::other);
        verdict.code = "no_answer";
    }
    verdict.message = printable(std::string_view(error.text).substr(0, kUnsafeBytesMax));
    return verdict;
}

Verdict judge_timeout(Millis limit) {
    Verdict verdict = lost_after_long();
    verdict.message = "no answer within " + format_duration(limit);
    return verdict;
}

}  // namespace batchd::provider::direct
