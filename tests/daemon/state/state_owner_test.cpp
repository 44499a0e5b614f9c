#include "daemon/state/state_owner.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

constexpr uid_t kSomebody = 65534;

TEST(StateOwnerTest, RootGoesOnAsTheOwnerOfTheState) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    const testing::TempDir state;
    ASSERT_EQ(::chown(state.path().c_str(), kSomebody, kSomebody), 0);
    const auto become = [&] {
        const bool became = become_owner_of(state.path()) && ::getuid() == kSomebody &&
                            ::geteuid() == kSomebody && ::getegid() == kSomebody && ::setuid(0) != 0;
        ::_exit(became ? 0 : 1);
    };
    EXPECT_EXIT(become(), ::testing::ExitedWithCode(0), "");
}

TEST(StateOwnerTest, NothingChangesWhereTheStateIsOurOwnOrNotThereYet) {
    const testing::TempDir state;
    const uid_t before = ::geteuid();
    EXPECT_TRUE(become_owner_of(state.path()));
    EXPECT_TRUE(become_owner_of(state.path() / "not-yet"));
    EXPECT_EQ(::geteuid(), before);
}

}  // namespace
}  // namespace batchd
