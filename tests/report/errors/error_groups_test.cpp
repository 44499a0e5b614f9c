#include "report/errors/error_groups.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

std::string failed_line(const std::string& id, int status, const std::string& code,
                        const std::string& message) {
    return R"({"custom_id":")" + id + R"(","response":{"status_code":)" + std::to_string(status) +
           R"(,"body":{"error":{"code":")" + code + R"(","message":")" + message + R"("}}},"error":null})" +
           "\n";
}

struct ErrorGroupsTest : ::testing::Test {
    testing::TempDir dir;

    ErrorGroups groups_of(const std::string& content) {
        return group_errors(dir.write("errors.jsonl", content)).value();
    }
};

TEST_F(ErrorGroupsTest, TheLargestComesFirstWithItsFirstThree) {
    std::string lines = failed_line("a", 404, "model_not_found", "The model `m` does not exist");
    for (int i = 1; i <= 5; ++i)
        lines += failed_line("b" + std::to_string(i), 400, "too_long",
                             "used " + std::to_string(1000 + i) + " tokens");
    const ErrorGroups found = groups_of(lines);
    ASSERT_EQ(found.groups.size(), 2U);
    EXPECT_EQ(found.groups[0].requests, 5U);
    EXPECT_EQ(found.groups[0].status_code, 400U);
    EXPECT_EQ(found.groups[0].code, "too_long");
    EXPECT_EQ(found.groups[0].message, "used 1001 tokens");
    ASSERT_EQ(found.groups[0].examples.size(), 3U);
    EXPECT_EQ(found.groups[0].examples[2].custom_id, "b3");
    EXPECT_EQ(found.groups[0].examples[2].line_number, 4U);
    EXPECT_EQ(found.groups[1].requests, 1U);
    EXPECT_EQ(found.others, 0U);
}

TEST_F(ErrorGroupsTest, TheSameWordsUnderAnotherStatusOrCodeAreAnotherReason) {
    EXPECT_EQ(groups_of(failed_line("a", 400, "x", "no") + failed_line("b", 422, "x", "no") +
                        failed_line("c", 400, "y", "no"))
                  .groups.size(),
              3U);
}

TEST_F(ErrorGroupsTest, LinesWithoutAnIdAreCountedByTheirReason) {
    const std::string own =
        R"({"id":null,"custom_id":null,"response":null,"error":{"code":"invalid_line","message":"no JSON","line":7}})";
    const ErrorGroups found = groups_of(own + "\n" + own + "\nbroken\n\n{}\n");
    ASSERT_EQ(found.groups.size(), 2U);
    for (const ErrorGroup& group : found.groups) EXPECT_EQ(group.requests, 2U);
    const ErrorGroup& named = found.groups[0].code.empty() ? found.groups[1] : found.groups[0];
    EXPECT_EQ(named.code, "invalid_line");
    EXPECT_EQ(named.message, "no JSON");
    EXPECT_EQ(named.examples[0].custom_id, "");
    EXPECT_EQ(named.examples[1].line_number, 2U);
}

TEST_F(ErrorGroupsTest, WhatIsLongIsCutAndWhatDrivesATerminalIsShown) {
    const ErrorGroups found =
        groups_of(failed_line(std::string(5000, 'i'), 400, std::string(5000, 'c'), std::string(5000, 'm')) +
                  failed_line("\\u001b[2J", 400, "\\u001b[2J", "\\u001b[2J"));
    for (const ErrorGroup& group : found.groups) {
        EXPECT_LE(group.message.size(), 400U);
        EXPECT_LE(group.code.size(), 100U);
        EXPECT_LE(group.examples.at(0).custom_id.size(), 100U);
        for (const std::string& text : {group.message, group.code, group.examples[0].custom_id})
            EXPECT_EQ(text.find('\033'), std::string::npos);
    }
}

TEST_F(ErrorGroupsTest, AFileThatIsGoneIsAnError) {
    EXPECT_EQ(group_errors(dir.path() / "none").error().code, boost::system::errc::no_such_file_or_directory);
}

TEST(ErrorGrouperTest, CountsWhatIsBeyondItsBounds) {
    ErrorGrouper grouper;
    const std::uint64_t reasons = 2 * ErrorGrouper::kReasonsMax;
    for (std::uint64_t i = 0; i < reasons; ++i) {
        const std::string code = "code" + std::to_string(i);
        grouper.add({.code = code, .message = "no", .custom_id = "a", .line_number = i + 1});
    }
    const ErrorGroups found = grouper.take();
    EXPECT_EQ(found.groups.size(), ErrorGroups::kShown);
    EXPECT_EQ(found.others, reasons - ErrorGroups::kShown);
}

}  // namespace
}  // namespace batchd::report
