#pragma once

#include "engine/command/commander.hpp"
#include "engine/engine_fixture.hpp"

namespace batchd::engine {

/// A commander among the stages that it tells what to do. Of these, planner and deliverer stand still.
struct CommanderFixture : EngineFixture {
    ~CommanderFixture() override { crash(); }

    void start() {
        settings.provider.list_lag =
            Millis{0};  // a start looks for what there is; it need not wait for that here
        intake = std::make_unique<Intake>(intake_ports(), Intake::Mode::daemon, due);
        planner = std::make_unique<Planner>(
            planner_ports(), [this](store::JobId id) { return intake->is_moving(id); }, Intake::Mode::daemon);
        at_work = std::make_unique<Accounts>(resources(), accounts());
        releaser = std::make_unique<Releaser>(
            Releaser::Ports{settings, layout, *store, clock, pool, *journal, wakes, waiting},
            Intake::Mode::daemon);
        deliverer = std::make_unique<Deliverer>(
            Deliverer::Ports{settings, layout, *store, clock, pool, *journal, wakes});
        commander = std::make_unique<Commander>(
            Commander::Ports{settings, layout, *store, clock, pool, *journal, wakes, watches}, *planner,
            *at_work, *releaser, *deliverer);
        tasks->spawn(at_work->run());
        tasks->spawn(commander->run());
        settle();
    }
    store::Command ask(store::Verb verb, store::JobId job, const std::string& argument = {}) {
        return answer_to(store->commands.add(verb, job, clock.now(), argument).value());
    }
    store::Command release(const store::Release& what) {
        return answer_to(store->commands.add_release(what, clock.now()).value());
    }
    store::Command answer_to(std::int64_t id) {
        wakes.commander.raise();
        settle();
        return store->commands.find(id).value().value();
    }

    std::unique_ptr<Intake> intake;
    std::unique_ptr<Planner> planner;
    std::unique_ptr<Accounts> at_work;
    std::unique_ptr<Releaser> releaser;
    std::unique_ptr<Deliverer> deliverer;
    std::unique_ptr<Commander> commander;
};

}  // namespace batchd::engine
