#pragma once

#include "engine/submit/submitter.hpp"
#include "engine_fixture.hpp"

namespace batchd::engine {

/// A submitter that can be started, and started again after a crash.
struct SubmitterFixture : EngineFixture {
    ~SubmitterFixture() override { crash(); }

    void start() {
        submitter =
            std::make_unique<Submitter>(submitter_ports(), holds, new_surveyor(), LostAttempts::AtStart{});
        tasks->spawn(submitter->run());
        settle();
    }
    /// What was in memory is lost; the rows are taken up by a new one.
    void start_again() {
        crash();
        start();
    }

    std::unique_ptr<Submitter> submitter;
};

}  // namespace batchd::engine
