// Files whose originals are set aside in an inbox on another file system: they are neither forgotten while
// that is not there, nor removed from under whoever writes to them.

#include <fstream>

#include <fcntl.h>

#include "engine/engine_fixture.hpp"
#include "engine/plan/planner.hpp"
#include "spool/claim.hpp"
#include "spool/set_aside.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using store::JobState;

struct PlannerAsideTest : EngineFixture {
    ~PlannerAsideTest() override { crash(); }

    void start() {
        planner = std::make_unique<Planner>(
            planner_ports(), [](store::JobId) { return false; }, Intake::Mode::daemon);
        tasks->spawn(planner->run());
        settle();
    }
    Path original_of(const store::Job& of) { return spool::set_aside_path(inbox(), of.name, of.key); }
    /// As a kill in the middle of the copy leaves it.
    store::Job add_half_copied(const std::string& content) {
        const store::Job claimed = add_claimed("a", "");
        remove_file(layout.input(claimed.key)).value();
        const auto folder = open_file(inbox(), O_RDONLY | O_DIRECTORY).value();
        spool::note_set_aside(layout.work_directory(claimed.key), folder.get()).value();
        replace_file(original_of(claimed), content).value();
        return claimed;
    }
    void unmount_inbox() {
        rename_file(inbox(), away).value();
        make_directory(inbox()).value();
    }
    void mount_inbox() {
        std::filesystem::remove(inbox());
        rename_file(away, inbox()).value();
    }

    const Path away = dir.path() / "inbox.away";
    std::unique_ptr<Planner> planner;
};

TEST_F(PlannerAsideTest, AFileWhoseInboxIsNotThereIsWaitedForAndNotForgotten) {
    const auto claimed = add_half_copied(request_line("x") + "\n");
    unmount_inbox();
    start();
    advance(1h);
    ASSERT_TRUE(store->jobs.find(claimed.id).value());
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("which is not there"), std::string::npos);
    mount_inbox();
    advance(1h);
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
    EXPECT_EQ(job(claimed.id).requests, 1U);
    EXPECT_TRUE(file_exists(original_of(claimed)).value()) << "for whoever still writes to it";
}

TEST_F(PlannerAsideTest, ACancelEndsTheWaitForAnInboxThatIsNotThere) {
    const auto claimed = add_half_copied(request_line("x") + "\n");
    unmount_inbox();
    start();
    store->jobs.record_cancel_asked(claimed.id, clock.now()).value();
    planner->take_up_cancel(job(claimed.id));
    settle();
    EXPECT_EQ(job(claimed.id).state, JobState::delivering);
    EXPECT_EQ(job(claimed.id).requests, 0U);
}

TEST_F(PlannerAsideTest, AFileThatNoIntakeIsAtWorkOnIsCopied) {
    const auto claimed = add_half_copied(request_line("x") + "\n");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::planned) << "its queue may have been removed";
}

TEST_F(PlannerAsideTest, AFileThatSomebodyTookOutOfTheInboxIsForgotten) {
    const auto claimed = add_half_copied("x\n");
    remove_file(original_of(claimed)).value();
    start();
    EXPECT_FALSE(store->jobs.find(claimed.id).value());
    EXPECT_EQ(count_events(EventKind::claim_undone), 1U);
}

TEST_F(PlannerAsideTest, ARejectionWaitsForWhoeverWritesToTheOriginal) {
    const std::string good = request_line("x") + "\n";
    const auto claimed = add_half_copied(good.substr(0, 20));
    auto writer = std::make_unique<std::ofstream>(original_of(claimed), std::ios::app);
    start();
    advance(20s);
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    *writer << good.substr(20);
    writer.reset();
    advance(1h);
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
}

TEST_F(PlannerAsideTest, AnOriginalThatSomebodyKeepsOpenIsNotRemovedWithTheRejection) {
    const auto claimed = add_half_copied("nonsense\n");
    std::ofstream writer(original_of(claimed), std::ios::app);
    start();
    advance(1h);
    EXPECT_EQ(job(claimed.id).state, JobState::rejected) << "a program that forgets to close it";
    EXPECT_TRUE(file_exists(original_of(claimed)).value());
}

TEST_F(PlannerAsideTest, OneThatNobodyWritesToGoesWithTheRejection) {
    const auto claimed = add_half_copied("nonsense\n");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_FALSE(file_exists(original_of(claimed)).value());
}

}  // namespace
}  // namespace batchd::engine
