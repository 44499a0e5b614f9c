#pragma once

#include "provider/gate.hpp"

#include <deque>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"

namespace batchd::provider {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers retrieve(), create() and cancel() with what it is told, in order, then with success, and knock()
/// likewise; notes when it was called.
class GatedFake final : public Provider {
public:
    explicit GatedFake(Clock& clock) : clock_(clock) {}

    std::deque<FailureKind> failures;
    std::deque<FailureKind> knock_failures;
    unsigned http_status = 0;  // of the failures
    std::size_t knocks = 0;
    Millis takes{};
    Millis turn_takes{};
    std::vector<TimePoint> calls_at;
    std::optional<Closure> work;  // what its own work has come upon
    std::function<void()> work_changed;

    asio::awaitable<void> run(std::function<void()> changed) override {
        work_changed = std::move(changed);
        co_return;
    }
    std::optional<Closure> closure() const override { return work; }
    void key_changed() override { work.reset(); }
    Identity identity() const override { return {}; }
    asio::awaitable<Answer<void>> knock() override {
        ++knocks;
        if (takes > 0s) co_await clock_.sleep_for(takes);
        if (knock_failures.empty()) co_return Answer<void>();
        co_return take(knock_failures);
    }
    asio::awaitable<Turn> enter(CallKind) override {
        if (turn_takes > 0s) co_await clock_.sleep_for(turn_takes);
        co_return Turn();
    }
    asio::awaitable<Answer<FileObject>> upload(Turn, Path, std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<FileObject>> retrieve_file(std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string) override {
        co_return Page<FileObject>{};
    }
    asio::awaitable<Answer<std::uint64_t>> download(std::string, Path) override {
        co_return std::uint64_t{0};
    }
    asio::awaitable<Answer<bool>> delete_file(std::string) override {
        if (failures.empty()) co_return true;
        co_return take(failures);
    }
    asio::awaitable<Answer<BatchObject>> create(Turn, NewBatch) override { return next(); }
    asio::awaitable<Answer<BatchObject>> retrieve(std::string) override { return next(); }
    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string) override {
        co_return Page<BatchObject>{};
    }
    asio::awaitable<Answer<BatchObject>> cancel(std::string) override { return next(); }

private:
    asio::awaitable<Answer<BatchObject>> next() {
        calls_at.push_back(clock_.now());
        if (takes > 0s) co_await clock_.sleep_for(takes);
        if (failures.empty()) co_return BatchObject{};
        co_return take(failures);
    }
    Failure take(std::deque<FailureKind>& from) const {
        Failure failure;
        failure.kind = from.front();
        failure.http_status = http_status;
        from.pop_front();
        return failure;
    }

    Clock& clock_;
};

struct GateTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    GatedFake fake{clock};
    std::vector<GateChange> changes;
    config::Retry backoff;
    ApiKey key{"sk-test-key"};
    GatedProvider gate{fake,
                       key,
                       context.get_executor(),
                       clock,
                       backoff,
                       [this](const GateChange& c) { changes.push_back(c); },
                       [] { return 0.0; }};
    TaskGroup group{context.get_executor()};
    int answered = 0;
    int failed = 0;

    std::vector<std::string> created;

    asio::awaitable<void> create() {
        auto turn = co_await gate.enter(CallKind::create);
        NewBatch batch;
        const auto answer = co_await gate.create(std::move(turn), std::move(batch));
        created.emplace_back(answer ? "created" : to_string(answer.error().kind));
    }
    void start_creation() {
        group.spawn(create());
        clock.advance(0s);
    }
    asio::awaitable<void> call() {
        const auto answer = co_await gate.retrieve("b");
        ++(answer ? answered : failed);
    }
    void start(int calls) {
        for (int i = 0; i < calls; ++i) group.spawn(call());
        clock.advance(0s);
    }
};

}  // namespace batchd::provider
