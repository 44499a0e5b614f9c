#include "engine/prepare/request_scan.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

struct RequestScanTest : ::testing::Test {
    testing::TempDir dir;
    config::Batch batch;
    std::vector<std::string> prepared;
    std::vector<std::uint64_t> lines;
    std::vector<std::string> bad;
    ScanVisitor visitor{
        .request = [this](const ScannedRequest& request) -> Result<void> {
            jsonl::append_prepared(request.request, prepared.emplace_back());
            EXPECT_EQ(prepared.back().size(), request.size_bytes);
            lines.push_back(request.line.number);
            return {};
        },
        .bad_line = [this](const ScannedBadLine& line) -> Result<void> {
            bad.push_back(std::to_string(line.line_number) + " " + line.custom_id + ": " + line.what);
            return {};
        }};

    Result<ScanTotals> scan(std::string_view content, ScanHash hash = ScanHash::none) {
        return scan_requests(dir.write("in.jsonl", content), Terms{.batch = batch}, hash, visitor);
    }
    static std::string line(const std::string& id) {
        return R"({"custom_id":")" + id + R"(","body":{"model":"m","messages":[]}})" + "\n";
    }
    static std::string broken(const std::string& id) {
        return R"({"custom_id":")" + id + R"(","oops":1})" + "\n";
    }
    static std::string sent(const std::string& id) {
        return R"({"custom_id":")" + id +
               R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}})" + "\n";
    }
};

TEST_F(RequestScanTest, ShowsEachRequestAsItIsSent) {
    const auto totals = scan(line("a") + "\n  \r\n" + line("b"), ScanHash::sha256).value();
    EXPECT_EQ(prepared, (std::vector{sent("a"), sent("b")}));
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 4}));
    EXPECT_EQ(totals.requests, 2U);
    EXPECT_EQ(totals.bad_lines, 0U);
    EXPECT_EQ(totals.size_bytes, 2 * line("a").size() + 5);
    Sha256 expected;
    expected.update(line("a") + "\n  \r\n" + line("b"));
    EXPECT_EQ(totals.sha256, expected.hex());
}

TEST_F(RequestScanTest, AnIdThatIsTooLongForTheProviderIsABadLine) {
    const std::string content = line("12345") + line("1234\u00fc") + line("123456");
    const auto totals = scan_requests(dir.write("in.jsonl", content),
                                      Terms{.batch = batch, .max_custom_id = 5}, ScanHash::none, visitor)
                            .value();
    EXPECT_EQ(totals.requests, 2U);
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0],
              "3 123456: custom_id \"123456\" has 6 characters; the provider takes at most 5 "
              "(provider.max_custom_id)");
}

TEST_F(RequestScanTest, AnEmptyFileHasNoRequests) {
    for (const auto* content : {"", "\n", "\r\n \n\t\n", "\xEF\xBB\xBF\n"}) {
        const auto totals = scan(content).value();
        EXPECT_EQ(totals.requests, 0U);
        EXPECT_EQ(totals.bad_lines, 0U);
    }
}

TEST_F(RequestScanTest, ADuplicateIdIsNamedWithBothLines) {
    const auto totals = scan(line("a") + line("b") + line("a") + line("a")).value();
    EXPECT_EQ(totals.requests, 2U);
    EXPECT_EQ(bad, (std::vector<std::string>{R"(3 : custom_id "a" was already used on line 1)",
                                             R"(4 : custom_id "a" was already used on line 1)"}));
}

TEST_F(RequestScanTest, AGeneratedIdCollidesLikeAnyOther) {
    scan(line("line-2") + R"({"body":{"model":"m"}})" + "\n").value();
    EXPECT_EQ(bad, std::vector<std::string>{R"(2 : custom_id "line-2" was already used on line 1)"});
}

TEST_F(RequestScanTest, ABadLineDoesNotHaveTheIdOfARequestBeforeIt) {
    EXPECT_EQ(scan(line("a") + broken("a")).value().ids_of_others, std::vector<std::uint64_t>{});
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_TRUE(bad[0].starts_with("2 : no \"body\"")) << bad[0];
}

TEST_F(RequestScanTest, NamesTheBadLinesWhoseIdIsThatOfALaterRequest) {
    const auto totals = scan(broken("b") + broken("line-4") + broken("c") + R"({"body":{"model":"m"}})" +
                             "\n" + line("b") + broken("b"))
                            .value();
    EXPECT_EQ(totals.requests, 2U);
    EXPECT_EQ(totals.ids_of_others, (std::vector<std::uint64_t>{1, 2}));
    ASSERT_EQ(bad.size(), 4U);
    EXPECT_TRUE(bad[2].starts_with("3 c: ")) << bad[2];
    EXPECT_TRUE(bad[3].starts_with("6 : ")) << bad[3];
}

TEST_F(RequestScanTest, OfTwoBadLinesWithOneIdTheFirstHasIt) {
    EXPECT_EQ(scan(broken("a") + broken("a")).value().ids_of_others, std::vector<std::uint64_t>{});
    ASSERT_EQ(bad.size(), 2U);
    EXPECT_TRUE(bad[0].starts_with("1 a: ")) << bad[0];
    EXPECT_TRUE(bad[1].starts_with("2 : ")) << bad[1];
}

TEST_F(RequestScanTest, AHugeDuplicateIdIsNotRepeatedWhole) {
    const std::string huge(100'000, 'x');
    scan(line(huge) + line(huge)).value();
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_LT(bad[0].size(), 300U);
    EXPECT_NE(bad[0].find("on line 1"), std::string::npos);
}

TEST_F(RequestScanTest, GoesOnBehindABadLine) {
    const auto totals = scan("nonsense\n" + line("a") + "{}\n" + line("b")).value();
    EXPECT_EQ(totals.requests, 2U);
    EXPECT_EQ(totals.bad_lines, 2U);
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{2, 4}));
}

TEST_F(RequestScanTest, ARequestMayFillABatchToItsLastByte) {
    batch.max_bytes = sent("a").size();
    EXPECT_EQ(scan(line("a")).value().requests, 1U);
    batch.max_bytes -= 1;
    EXPECT_EQ(scan(line("a")).value().requests, 0U);
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0].substr(0, 5), "1 a: ");
    EXPECT_NE(bad[0].find("batch.max_bytes"), std::string::npos);
}

TEST_F(RequestScanTest, ALineAboveTheLimitIsPassedOverWithoutReadingItIn) {
    batch.max_bytes = 1000;
    const auto totals = scan(line("a") + std::string(5'000'000, 'x') + "\n" + line("b")).value();
    EXPECT_EQ(totals.requests, 2U);
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_NE(bad[0].find("5,000,000 bytes"), std::string::npos) << bad[0];
}

TEST_F(RequestScanTest, ALineAboveItsOwnLimitIsABadOne) {
    batch.max_line = 200;
    scan(line("a") + line(std::string(200, 'b')) + line("c")).value();
    EXPECT_EQ(prepared.size(), 2U);
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_NE(bad[0].find("at most 200 are allowed (batch.max_line)"), std::string::npos) << bad[0];
}

TEST_F(RequestScanTest, AHoleInTheFileIsOneBadLineAndIsNotRead) {
    const Path path = dir.write("in.jsonl", line("a") + std::string(100'000, ' '));
    std::filesystem::resize_file(path, 300'000'000'000);
    const auto totals = scan_requests(path, Terms{.batch = batch}, ScanHash::sha256_of_good, visitor).value();
    EXPECT_EQ(totals.requests, 1U);
    EXPECT_EQ(totals.bad_lines, 1U);
    EXPECT_EQ(totals.size_bytes, 300'000'000'000U);
    EXPECT_EQ(totals.sha256, "");
}

TEST_F(RequestScanTest, EndsWhenItIsStopped) {
    std::stop_source stop;
    stop.request_stop();
    const Path path = dir.write("in.jsonl", line("a"));
    const auto stopped = scan_requests(path, Terms{.batch = batch}, ScanHash::sha256, visitor,
                                       {.pool = nullptr, .stop = stop.get_token()});
    EXPECT_EQ(stopped.error().code, boost::system::errc::operation_canceled);
}

TEST_F(RequestScanTest, KnowsAFileThatIsNoJsonLines) {
    const auto binary = scan(std::string("\x1F\x8B\x08\0", 4) + line("a")).value();
    ASSERT_TRUE(binary.mistake);
    EXPECT_TRUE(bad.empty() && prepared.empty()) << "no line of it was looked at";
    const auto array = scan("[" + line("a") + "," + line("b") + "]").value();
    ASSERT_TRUE(array.mistake);
    EXPECT_EQ(array.mistake->kind, "a JSON array");
}

TEST_F(RequestScanTest, SaysWhenTheFileWasWrittenToMeanwhile) {
    const Path path = dir.path() / "in.jsonl";
    visitor.request = [&](const ScannedRequest&) -> Result<void> {
        std::ofstream(path, std::ios::app) << line("late");
        return {};
    };
    EXPECT_EQ(scan(line("a")).error().code, Errc::changed);
}

TEST_F(RequestScanTest, EndsWhereTheVisitorAnswersAnError) {
    visitor.request = [&](const ScannedRequest&) -> Result<void> { return error(Errc::corrupt, "enough"); };
    EXPECT_EQ(scan(line("a") + line("b")).error().code, Errc::corrupt);
}

TEST_F(RequestScanTest, DoesNotFollowASymbolicLink) {
    std::filesystem::create_symlink(dir.write("real.jsonl", line("a")), dir.path() / "link.jsonl");
    EXPECT_FALSE(scan_requests(dir.path() / "link.jsonl", Terms{.batch = batch}, ScanHash::none, visitor));
}

TEST_F(RequestScanTest, AnswersTheErrorOfAMissingFile) {
    EXPECT_EQ(scan_requests(dir.path() / "none", Terms{.batch = batch}, ScanHash::none, visitor).error().code,
              boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace batchd::engine
