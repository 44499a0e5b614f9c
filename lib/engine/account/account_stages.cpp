#include "engine/account/account_stages.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"
#include "engine/record/call_keeper.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

// The stages' Ports name no two things of one type, so the compiler would notice an exchange.
AccountStages::AccountStages(const Resources& shared, AccountAccess access)
    : access_(std::move(access)),
      store_(shared.store),
      clock_(shared.clock),
      wakes_(shared.wakes.of(access_.name)),
      holds_(row_backoff(shared.settings.retry)),
      surveyor_({shared.store, shared.clock, access_.name, *access_.settings, *access_.calls}),
      submitter_({shared.settings, shared.layout, shared.store, shared.clock, shared.pool, shared.journal,
                  shared.wakes, access_.name, *access_.settings, *access_.calls, wakes_},
                 holds_, surveyor_, LostAttempts::all_of(shared.store)),
      twins_(shared.store, shared.clock, shared.journal, *access_.calls),
      poller_({shared.settings, shared.store, shared.clock, shared.journal, shared.wakes, access_.name,
               *access_.calls, wakes_},
              holds_, twins_),
      canceller_({shared.settings.retry, shared.store, shared.clock, shared.journal, shared.wakes,
                  access_.name, *access_.settings, *access_.calls, wakes_}),
      deadline_watch_({shared.store, shared.clock, shared.journal, access_.name, wakes_},
                      [this](store::BatchRowId id) { submitter_.take_up_late(id); }),
      twin_watch_({shared.settings, shared.store, shared.clock, shared.journal, access_.name,
                   *access_.settings, *access_.calls, wakes_},
                  twins_),
      collector_({shared.settings, shared.layout, shared.store, shared.clock, shared.pool, shared.journal,
                  shared.wakes, shared.prices, access_.name, *access_.settings, *access_.calls, wakes_},
                 holds_, surveyor_, twins_),
      cancel_patience_({shared.settings, shared.store, shared.clock, shared.journal, shared.wakes,
                        access_.name, *access_.calls, wakes_},
                       {.submitter = [this](store::BatchRowId id) { submitter_.hurry(id); },
                        .collector = [this](store::BatchRowId id) { collector_.hurry(id); }}),
      cleaner_({shared.settings, shared.layout, shared.store, shared.clock, shared.pool, shared.journal,
                shared.wakes, access_.name, *access_.settings, *access_.calls, wakes_}),
      sweeper_({shared.settings.retry, shared.store, shared.clock, shared.journal, shared.wakes, access_.name,
                *access_.calls, wakes_}) {}

asio::awaitable<void> AccountStages::run() {
    TaskGroup stages(co_await asio::this_coro::executor);
    // What the provider does by itself, a direct run for example, lives exactly as long as the stages that
    // ask it.
    stages.spawn(access_.calls->run([this] { poller_.look_now(); }));
    if (provider::CallTally* const tally = access_.calls->tally())
        stages.spawn(keep_calls(*tally, access_.name, store_, clock_));
    stages.spawn(submitter_.run());
    stages.spawn(poller_.run());
    stages.spawn(canceller_.run());
    stages.spawn(deadline_watch_.run());
    stages.spawn(cancel_patience_.run());
    stages.spawn(twin_watch_.run());
    stages.spawn(collector_.run());
    stages.spawn(cleaner_.run());
    stages.spawn(sweeper_.run());
    co_await stages.join();
}

void AccountStages::take_up_cancel(store::JobId job) {
    // These two know which of their rows are the job's and may wait for long; the canceller finds what it has
    // to tell the provider by its query.
    submitter_.take_up_cancel(job);
    collector_.take_up_cancel(job);
    wakes_.canceller.raise();
}

}  // namespace batchd::engine
