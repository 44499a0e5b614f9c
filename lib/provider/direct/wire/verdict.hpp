#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "provider/direct/pace/pace.hpp"
#include "provider/direct/wire/answer_shape.hpp"

/// What came of one request that was sent by itself, decided from values alone.
namespace batchd::provider::direct {

enum class Meaning {
    answered,    ///< the row's answer
    not_let_in,  ///< nothing was done and nothing is charged: again, as often as it takes, when the pace lets
                 ///< it
    broken,      ///< it may have been done, and there is no answer: again within the row's attempts
    row_failed,  ///< the answer to this row is no, and will be
    no_model,    ///< likewise: the server does not have the model, or the endpoint; another may
    unauthorized,  ///< the key is refused: somebody has to act, nothing more is sent
    quota,         ///< the account can't pay: likewise
};

std::string_view to_string(Meaning meaning);

struct Verdict {
    Meaning meaning = Meaning::broken;
    Load load = Load::other;
    std::optional<Millis> wait;  ///< what the server asked us to wait
    /// It took its time, was charged, and would be the same again: not more than once more.
    bool is_long_lost = false;
    bool is_unreachable = false;  ///< no connection could be made
    bool is_json = false;         ///< the body can stand in a result line as it is
    std::string code;             ///< of a row that ends so without an answer: "no_answer", "request_timeout"
    std::string message;  ///< for people; printable, bounded, but with whatever the server wrote in it
    std::optional<std::uint64_t> tokens_used;
};

/// An answer to the request for `url`. `now` is what a date in Retry-After counts from. A byte order mark is
/// taken off its body, and one that mend_json() makes an answer is mended.
Verdict judge_answer(http::Response& response, std::string_view url, ShapeReader& shapes, TimePoint now);

/// No answer, for which the transport is to blame.
Verdict judge_failure(const http::TransportError& error);

/// No answer within the account's time for one request.
Verdict judge_timeout(Millis limit);

}  // namespace batchd::provider::direct
