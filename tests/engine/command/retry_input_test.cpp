#include "engine/command/retry_input.hpp"

#include <gtest/gtest.h>
#include <boost/system/errc.hpp>

#include "engine/engine_fixture.hpp"
#include "engine/origin.hpp"
#include "jsonl/error_line.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

constexpr const char* kKey = "6f0c1c4e-5d0a-8c39-9a53-0d2b6f5f7a11";

struct RetryInputTest : ::testing::Test {
    RetryInputTest() {
        make_directory(dir.path() / "a").value();
        job.key = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
        job.name = "a";
        job.queue = "nightly";
        job.delivered_to = (dir.path() / "a").string();
    }
    void write(const std::string& name, const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        replace_file(dir.path() / "a" / name, text).value();
    }
    static std::string bad_line(const std::string& id, std::uint64_t number) {
        return jsonl::error_line(id,
                                 {.code = "invalid_line", .message = "it wants to stream", .line = number});
    }
    Result<RetryInput> run() { return write_retry_input(layout, kKey, job, Terms{}); }
    std::string written() { return testing::slurp(layout.input(kKey)); }

    testing::TempDir dir;
    spool::Layout layout{dir.path() / "state"};
    store::Job job;
};

TEST_F(RetryInputTest, HasTheLinesThatFailedAndSaysWhatItIs) {
    write("input.jsonl", {request_line("x"), request_line("y")});
    write("errors.jsonl", {testing::error_row("y", "bad")});
    EXPECT_EQ(run()->requests, 1U);
    EXPECT_EQ(written(), request_line("y") + "\n");
    EXPECT_EQ(read_origin(layout, kKey), (Origin{Origin::Kind::retry, job.key}));
    EXPECT_EQ(std::filesystem::read_symlink(layout.name_link(kKey)), "nightly/a.jsonl");
}

TEST_F(RetryInputTest, ABadLineIsNoReasonToSendTheGoodOneOfItsId) {
    write("input.jsonl", {request_line("x"), request_line("y")});
    write("errors.jsonl", {bad_line("y", 3), testing::error_row("x", "bad")});
    EXPECT_EQ(run()->requests, 1U);
    EXPECT_EQ(written(), request_line("x") + "\n");
}

TEST_F(RetryInputTest, TheGoodOneIsSentWhereItFailedItself) {
    write("input.jsonl", {request_line("x"), request_line("y")});
    write("errors.jsonl", {testing::error_row("y", "bad"), bad_line("y", 3)});
    EXPECT_EQ(run()->requests, 1U);
    EXPECT_EQ(written(), request_line("y") + "\n");
}

TEST_F(RetryInputTest, WhatHasAnAnswerIsNotSent) {
    write("input.jsonl", {request_line("x"), request_line("y")});
    write("errors.jsonl", {testing::error_row("x", "bad"), testing::error_row("y", "bad")});
    write("output.jsonl", {testing::result_row("y")});
    EXPECT_EQ(run()->requests, 1U);
    EXPECT_EQ(written(), request_line("x") + "\n");
}

TEST_F(RetryInputTest, WithNothingThatCanBeSentNothingIsWritten) {
    write("input.jsonl", {request_line("x")});
    write("errors.jsonl", {bad_line("x", 2)});
    EXPECT_EQ(run()->requests, 0U);
    EXPECT_FALSE(file_exists(layout.work_directory(kKey)).value());
}

TEST_F(RetryInputTest, WithoutItsFolderItSaysThatItIsGone) {
    EXPECT_EQ(run().error().code, boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace batchd::engine
