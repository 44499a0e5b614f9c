#include "engine/account/account_stages.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

AccountStages::AccountStages(const Ports& shared, AccountAccess access)
    : access_(std::move(access)),
      ports_(shared, access_.name, *access_.settings, *access_.calls),
      holds_(shared.backoff()),
      surveyor_(ports_),
      submitter_(ports_, holds_, surveyor_, LostAttempts::all_of(shared.store)),
      twins_(ports_),
      poller_(ports_, holds_, twins_),
      canceller_(ports_),
      deadline_watch_({shared.store, shared.clock, shared.journal, access_.name, ports_.own_wakes}),
      twin_watch_(ports_, twins_),
      collector_(ports_, holds_, surveyor_, twins_),
      cancel_patience_(ports_, [this](store::BatchRowId id) { collector_.hurry(id); }),
      cleaner_(ports_),
      sweeper_(ports_) {}

asio::awaitable<void> AccountStages::run() {
    TaskGroup stages(co_await asio::this_coro::executor);
    stages.spawn(ports_.provider.run([this] { poller_.look_now(); }));
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

void AccountStages::hear_of_cancel(store::JobId job) {
    submitter_.hear_of_cancel(job);
    ports_.own_wakes.canceller.raise();
}

}  // namespace batchd::engine
