#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/intake/intake.hpp"
#include "engine_fixture.hpp"

namespace batchd::engine {

/// An intake over an inbox of its own.
struct IntakeFixture : EngineFixture {
    ~IntakeFixture() override { crash(); }

    void start(Intake::Mode mode = Intake::Mode::daemon) {
        intake = std::make_unique<Intake>(intake_ports(), mode, due);
        tasks->spawn(watches.run());
        tasks->spawn(intake->run());
        settle();
    }
    void finish_claims() {
        intake = std::make_unique<Intake>(intake_ports(), Intake::Mode::daemon, due);
        std::vector<store::Job> jobs;
        for (const auto id : store->jobs.in_state(store::JobState::claimed, 1000).value())
            jobs.push_back(job(id));
        tasks->spawn(intake->finish_claims(std::move(jobs)));
        settle();
    }
    /// A file as `mv` leaves it.
    void move_in(const std::string& name, const std::string& content = "x\n") {
        const Path made = dir.write("made", content);
        ASSERT_TRUE(rename_file(made, inbox() / name));
    }
    std::vector<std::string> claimed() {
        std::vector<std::string> names;
        for (const auto id : store->jobs.in_state(store::JobState::claimed, 1000).value())
            names.push_back(job(id).name);
        return names;
    }
    /// The condition about what is left alone for this reason; empty where there is none.
    store::Condition left_alone(const std::string& reason) {
        for (store::Condition& condition : store->conditions.all().value())
            if (condition.kind == "left_alone" && condition.about == reason) return condition;
        return {};
    }
    bool in_inbox(const std::string& name) { return file_exists(inbox() / name).value(); }
    using Names = std::vector<std::string>;

    std::unique_ptr<Intake> intake;
};

}  // namespace batchd::engine
