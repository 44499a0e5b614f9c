#include "engine/pipeline.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/task_group.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

Pipeline::Pipeline(Ports& ports, Intake::Mode mode)
    : ports_(ports),
      mode_(mode),
      holds_(ports.backoff()),
      intake_(ports, mode),
      planner_(ports, intake_),
      surveyor_(ports),
      submitter_(ports, holds_, surveyor_, LostAttempts::all_of(ports.store)),
      poller_(ports, holds_),
      canceller_(ports),
      twin_watch_(ports),
      collector_(ports, holds_),
      deliverer_(ports),
      cleaner_(ports),
      sweeper_(ports),
      commander_(ports, submitter_) {}

asio::awaitable<void> Pipeline::run() {
    co_await intake_.finish_claims();
    TaskGroup stages(co_await asio::this_coro::executor);
    stages.spawn(intake_.run());
    stages.spawn(planner_.run());
    stages.spawn(submitter_.run());
    stages.spawn(poller_.run());
    stages.spawn(canceller_.run());
    stages.spawn(twin_watch_.run());
    stages.spawn(collector_.run());
    stages.spawn(deliverer_.run());
    stages.spawn(cleaner_.run());
    stages.spawn(sweeper_.run());
    stages.spawn(commander_.run());
    if (mode_ == Intake::Mode::once) stages.spawn(stop_when_all_ended(stages));
    co_await stages.join();
}

asio::awaitable<void> Pipeline::stop_when_all_ended(TaskGroup& stages) {
    while (!all_ended()) co_await ports_.wakes.finisher.wait();
    stages.cancel();
}

bool Pipeline::all_ended() const {
    if (!intake_.drained()) return false;
    const auto asked = ports_.store.commands.open(1);
    if (!asked || !asked->empty()) return false;
    const auto counts = ports_.store.jobs.count();
    const auto unused_files = ports_.store.unused_files.count();
    return counts && counts->open == 0 && counts->to_clean == 0 && unused_files && *unused_files == 0;
}

std::string Pipeline::status() const {
    const auto jobs = ports_.store.jobs.count();
    const auto batches = ports_.store.batches.count_watched();
    if (!jobs || !batches)
        return "the database can't be read: " + to_string(jobs ? batches.error() : jobs.error());
    const std::string& inbox = ports_.settings.spool.inbox.string();
    const std::string trouble = intake_.inbox_is_gone() ? "; waiting: " + inbox + " can't be read" : "";
    if (jobs->open == 0) return trouble.empty() ? "waiting for files in " + inbox : "no jobs" + trouble;
    std::string text = count_of(jobs->open, "job running", "jobs running") + ", " +
                       count_of(*batches, "batch in flight", "batches in flight");
    if (const auto overdue = ports_.store.batches.count_overdue(); overdue && *overdue > 0)
        text += " (" + with_commas(*overdue) + " overdue)";
    if (const auto next = poller_.next_round()) {
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(std::max(Millis{0}, *next - ports_.clock.uptime()));
        text += ", next poll in " + std::to_string(left.count()) + "s";
    }
    return text + trouble + waits();
}

std::string Pipeline::waits() const {
    Waits waits;
    planner_.count_waits(waits);
    submitter_.count_waits(waits);
    collector_.count_waits(waits);
    deliverer_.count_waits(waits);
    if (waits.empty()) return "";
    // One line has room for one reason: the one that holds up the most.
    const auto most = std::max_element(waits.begin(), waits.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    std::string text = "; waiting: " + most->first;
    if (waits.size() > 1) text += ", and " + count_of(waits.size() - 1, "other reason", "other reasons");
    return text;
}

}  // namespace batchd::engine
