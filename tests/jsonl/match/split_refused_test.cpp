#include "jsonl/match/split_refused.hpp"

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::TempDir;

std::string request(const std::string& id) {
    return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/x","body":{}})";
}

RefusedPaths write_shard(const TempDir& dir) {
    RefusedPaths paths{dir.path() / "prepared.jsonl", dir.path() / "failed.jsonl",
                       dir.path() / "again.jsonl"};
    auto writer = RowFileWriter::create(paths.prepared);
    EXPECT_TRUE(writer->append(10, digest128("a"), request("a")));
    EXPECT_TRUE(writer->append(20, digest128("b"), request("b")));
    EXPECT_TRUE(writer->append(30, digest128("c"), request("c")));
    EXPECT_TRUE(writer->commit());
    return paths;
}

TEST(SplitRefusedTest, TakesOutTheLinesThatTheProviderNames) {
    const TempDir dir;
    const RefusedPaths paths = write_shard(dir);
    const auto report =
        split_refused(paths, {{2, {"model_not_found", "No such model.", "body.model", 20}}}).value();
    EXPECT_EQ(testing::texts_of(paths.again), request("a") + "\n" + request("c") + "\n");
    EXPECT_EQ(testing::texts_of(paths.failed),
              R"({"id":null,"custom_id":"b","response":null,"error":{"code":"model_not_found",)"
              R"("message":"No such model.","param":"body.model","line":20}})"
              "\n");
    EXPECT_EQ(report.failed, 1U);
    EXPECT_EQ(report.again, 2U);
    EXPECT_EQ(report.unknown, 0U);
    EXPECT_EQ(RowIndex::load(paths.failed).value().rows()[0].line_number, 20U);
    EXPECT_EQ(RowIndex::load(paths.failed).value().rows()[0].id, digest128("b"));
}

TEST(SplitRefusedTest, LeavesNoFileWithoutRows) {
    const TempDir dir;
    const RefusedPaths paths = write_shard(dir);
    const LineError error{"c", "m"};
    EXPECT_EQ(split_refused(paths, {{1, error}, {2, error}, {3, error}}).value().failed, 3U);
    EXPECT_FALSE(std::filesystem::exists(paths.again));
    EXPECT_EQ(split_refused(paths, {}).value().again, 3U);
    EXPECT_FALSE(std::filesystem::exists(paths.failed));
}

TEST(SplitRefusedTest, CountsErrorsForLinesThatTheShardHasNot) {
    const TempDir dir;
    const auto report =
        split_refused(write_shard(dir), {{0, {"c", "m"}}, {3, {"c", "m"}}, {4, {"c", "m"}}}).value();
    EXPECT_EQ(report.failed, 1U);
    EXPECT_EQ(report.again, 2U);
    EXPECT_EQ(report.unknown, 2U);
}

}  // namespace
}  // namespace batchd::jsonl
