#include "provider/direct/journal/group_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/task_group.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {
namespace {

namespace asio = boost::asio;

/// Starts on a disk that fails, which is repaired while the file goes on: its descriptor leads elsewhere.
struct GroupFileTest : ::testing::Test {
    asio::io_context context{1};
    asio::thread_pool pool{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    testing::TempDir directory;
    Path good = directory.path() / "good";

    std::optional<Error> trouble_seen;

    asio::awaitable<void> written_in_spite_of(int fd) {
        GroupFile file(fd, "the file", 0, context.get_executor(), pool, *clock);
        TaskGroup group(context.get_executor());
        group.spawn(file.run());
        file.append("one\n");
        while (!file.trouble()) co_await clock->sleep_for(Millis(1));
        trouble_seen = file.trouble();
        file.append("two\n");
        const UniqueFd repaired = open_file(good, O_RDWR | O_CREAT).value();
        ::dup2(repaired.get(), fd);
        co_await file.durable(file.end());
        EXPECT_FALSE(file.trouble());
        group.cancel();
        co_await group.join();
    }
};

TEST_F(GroupFileTest, AFullDiskLosesNothing) {
    const UniqueFd full = open_file("/dev/full", O_RDWR).value();
    testing::run(context, written_in_spite_of(full.get()));
    EXPECT_EQ(trouble_seen->code, boost::system::errc::no_space_on_device);
    EXPECT_NE(to_string(*trouble_seen).find("write the file"), std::string::npos);
    EXPECT_EQ(testing::slurp(good), "one\ntwo\n");
}

TEST_F(GroupFileTest, ASyncThatFailsIsNotBelievedAndAllIsWrittenAnew) {
    const UniqueFd unsyncable = open_file("/dev/null", O_RDWR).value();
    testing::run(context, written_in_spite_of(unsyncable.get()));
    EXPECT_NE(to_string(*trouble_seen).find("sync the file"), std::string::npos);
    EXPECT_EQ(testing::slurp(good), "one\ntwo\n");
}

TEST_F(GroupFileTest, FlushSaysWhatKeepsItFromWriting) {
    const UniqueFd full = open_file("/dev/full", O_RDWR).value();
    GroupFile file(full.get(), "the file", 0, context.get_executor(), pool, *clock);
    EXPECT_TRUE(testing::run(context, file.flush())) << "nothing is to be written";
    file.append("one\n");
    EXPECT_EQ(testing::run(context, file.flush()).error().code, boost::system::errc::no_space_on_device);
    EXPECT_EQ(file.durable_end(), 0U);
}

TEST_F(GroupFileTest, WhatIsDurableNeedsNoWait) {
    const UniqueFd fd = open_file(good, O_RDWR | O_CREAT).value();
    GroupFile file(fd.get(), good, 0, context.get_executor(), pool, *clock);
    file.append("one\n");
    EXPECT_TRUE(testing::run(context, file.flush()));
    testing::run(context, file.durable(4));
    EXPECT_EQ(file.durable_end(), 4U);
}

}  // namespace
}  // namespace batchd::provider::direct
