#include "daemon/host/service_manager.hpp"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd {
namespace {

struct ServiceManagerTest : ::testing::Test {
    ~ServiceManagerTest() override { ::unsetenv("JOURNAL_STREAM"); }
    static void set(const std::string& stream) { ::setenv("JOURNAL_STREAM", stream.c_str(), 1); }
};

TEST_F(ServiceManagerTest, TheJournalIsWhereStandardErrorGoes) {
    struct stat status{};
    ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
    set(std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino));
    EXPECT_TRUE(ServiceManager::logs_to_journal());
}

TEST_F(ServiceManagerTest, AVariableThatWasInheritedSaysNothingOfOurStandardError) {
    EXPECT_FALSE(ServiceManager::logs_to_journal());
    for (const char* other : {"8:12345", "", "nonsense"}) {
        set(other);
        EXPECT_FALSE(ServiceManager::logs_to_journal()) << other;
    }
}

}  // namespace
}  // namespace batchd
