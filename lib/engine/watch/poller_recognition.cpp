// Whether what is shown is ours, and means something to us.

#include "engine/look/answer_fit.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/watch/poller.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

/// An end is only believed of an object that does not show itself to be somebody else's: a cache or a gateway
/// may answer one's question with another's.
asio::awaitable<bool> Poller::is_of_another(const Watched& watched, const BatchObject& object) {
    const auto batch = ports_.store.batches.find(watched.id);
    if (!batch || !*batch) co_return false;  // found again, and said, where it is taken
    const AskedBatch asked{(*batch)->key, (*batch)->input_file_id, (*batch)->endpoint};
    const Fit at_sight = fit_of(object, asked);
    if (!provider::is_terminal(object.status) && !(*batch)->recognised) co_return at_sight == Fit::foreign;
    const Fit fit = co_await whose_batch(ports_.provider, **batch, object);
    // What was recognised once goes on showing what it was recognised by; where it does not for all of the
    // patience, something on the way has come to hide it.
    if (!hides_itself(fit, **batch, object)) {
        hidden_since_.erase(watched.id.value);
        co_return fit == Fit::foreign;
    }
    const Millis since = hidden_since_.emplace(watched.id.value, ports_.clock.uptime()).first->second;
    co_return ports_.clock.uptime() - since < ports_.settings.retry.result_patience;
}

Result<void> Poller::recognise(const store::Batch& batch, const BatchObject& object) {
    const AskedBatch asked{batch.key, batch.input_file_id, batch.endpoint};
    if (batch.recognised || fit_of(object, asked) != Fit::ours) return {};
    return ports_.store.batches.record_recognised(batch.id);
}

Result<void> Poller::tell_of_word(const store::Batch& batch, const BatchObject& object) {
    const bool is_odd = object.status == provider::BatchStatus::unknown && !object.status_word.empty();
    if (is_odd == odd_words_.contains(batch.id.value)) return {};
    if (!is_odd) {
        odd_words_.erase(batch.id.value);
        return ports_.store.conditions.clear("waiting", condition_about(batch.id));
    }
    odd_words_.insert(batch.id.value);
    const std::string text = "its status is \"" + printable(object.status_word) +
                             "\", which is no word of a batch's that is known: it is watched until it has "
                             "another; `batchd cancel` ends it";
    ports_.journal.waiting(batch.id, text);
    return ports_.store.conditions.set({.kind = "waiting",
                                        .about = condition_about(batch.id),
                                        .text = batch.batch_id + ": " + text,
                                        .job = batch.only_job()},
                                       ports_.clock.now());
}

}  // namespace batchd::engine
