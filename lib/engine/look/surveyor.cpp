#include "engine/look/surveyor.hpp"

#include <boost/asio/this_coro.hpp>

#include "engine/look/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

namespace {

/// Our own failure in the terms of a call: the survey is made again.
provider::Failure local_failure(const Error& error) {
    return {.kind = provider::FailureKind::local, .message = to_string(error)};
}

/// Feeds a survey from the pages of the listing.
struct Feed {
    BatchSurvey& survey;
    store::Batches& batches;
    Result<void> readable{};

    Visit see(const BatchObject& batch) {
        const auto known = batches.knows(batch.id);
        if (!known) readable = known.error();
        survey.see(batch, known && *known ? BatchSurvey::OnRecord::yes : BatchSurvey::OnRecord::no);
        return Visit::go_on;
    }
    Visit end_page(const provider::Page<BatchObject>& page) { return survey.end_page(page.unreadable); }
};

}  // namespace

/// The right to walk. One at a time: who comes meanwhile has a use for the same walk, or for the next.
class Surveyor::Turn {
public:
    explicit Turn(Surveyor& surveyor) : surveyor_(surveyor) { surveyor_.is_walking_ = true; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        surveyor_.is_walking_ = false;
        surveyor_.waiting_.raise_all();
    }

private:
    Surveyor& surveyor_;
};

asio::awaitable<Surveyor::Answer> Surveyor::look(Millis not_before) {
    while (is_walking_) {
        Wake ended(co_await asio::this_coro::executor);
        const WakeLine::Place place(waiting_, ended);
        co_await ended.wait();
    }
    // One walk answers everybody who asked before it began: after an outage thousands of rows may be in
    // doubt, and a list of a thousand pages is walked once.
    if (last_ && last_began_ >= not_before) co_return last_;
    const Turn turn(*this);
    co_return co_await walk();
}

asio::awaitable<Surveyor::Answer> Surveyor::walk() {
    const Millis began = ports_.clock.uptime();
    // The question is put before the walk: what is in flight now has to be in a complete list, and what
    // comes later need not.
    auto asked = question();
    if (!asked) co_return local_failure(asked.error());
    auto survey = std::make_shared<BatchSurvey>(std::move(*asked));
    Feed feed{*survey, ports_.store.batches};
    auto fetch = [this](std::string after) { return ports_.provider.list_batches(std::move(after)); };
    auto extent = co_await walk_pages<BatchObject>(fetch, feed, kLookPagesMax);
    if (!extent) co_return extent.error();
    if (!feed.readable) co_return local_failure(feed.readable.error());  // ours may have been passed over
    survey->end(*extent);
    last_ = survey;
    last_began_ = began;
    co_return last_;
}

Result<BatchSurvey::Question> Surveyor::question() const {
    BatchSurvey::Question asked;
    asked.now = ports_.clock.now();
    const std::string here = ports_.provider.identity().base_url;
    const auto is_here = [&](const std::string& base_url) { return base_url.empty() || base_url == here; };
    auto flying = ports_.store.batches.in_flight(ports_.name);
    if (!flying) return flying.error();
    for (store::Batches::InFlight& batch : *flying)
        // One that is younger than the lag of the list is no evidence: it may be missing from a list that
        // is whole.
        if (batch.submitted_at + ports_.account.list_lag <= asked.now && is_here(batch.base_url))
            asked.in_flight.push_back({std::move(batch.batch_id), std::move(batch.key),
                                       std::move(batch.input_file_id), std::move(batch.account),
                                       batch.submitted_at});
    auto answered = ports_.store.batches.answered_unseen(ports_.name);
    if (!answered) return answered.error();
    for (store::Batches::Answered& batch : *answered)
        if (batch.answered_at + ports_.account.list_lag <= asked.now && is_here(batch.base_url))
            asked.answered.push_back({.batch_id = {},
                                      .key = std::move(batch.key),
                                      .input_file_id = std::move(batch.input_file_id),
                                      .account = {},
                                      .submitted_at = batch.answered_at});
    const auto oldest = ports_.store.jobs.oldest_open();
    if (!oldest) return oldest.error();
    asked.since = oldest->value_or(asked.now);
    return asked;
}

Result<std::vector<BatchObject>> unknown_of(store::Store& store, const BatchSurvey& survey,
                                            const store::Batch& batch) {
    std::vector<BatchObject> found;
    for (BatchObject& shown : survey.find(batch.key, batch.input_file_id)) {
        const auto known = store.batches.knows(shown.id);
        if (!known) return known.error();
        if (!*known) found.push_back(std::move(shown));
    }
    return found;
}

}  // namespace batchd::engine
