#include "jsonl/match/error_row.hpp"

#include <gtest/gtest.h>

#include "base/disk/checksum.hpp"
#include "jsonl/request/request_line.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

/// Requests that stand in "input.jsonl", as lines 10 and 20 of it.
struct ErrorRowTest : ::testing::Test {
    testing::TempDir dir;
    Path requests = dir.path() / "requests.jsonl";
    std::string input;

    ErrorRowTest() {
        auto writer = RowFileWriter::create(requests).value();
        for (const std::string id : {"a", "b"}) {
            const std::string line = R"({"custom_id":")" + id + R"(","body":{}})";
            const RowPlace place{"input.jsonl", input.size(), line.size(), checksum64(line)};
            const RowForm form{std::string(kPreparedStart), R"(,"body":)", "}"};
            writer.append_made((writer.count() + 1) * 10, digest128(id), place, form, {13, 3, 24, 2}).value();
            input += line + "\n";
        }
        writer.commit().value();
    }
    std::string errors() {
        auto reader = RowFileReader::open(requests).value();
        RowOutput output(dir.path() / "errors.jsonl");
        while (append_error_of_next(reader, {"code", "message"}, output).value()) continue;
        output.commit().value();
        return testing::texts_of(dir.path() / "errors.jsonl");
    }
    static std::string error_of(const std::string& id, const std::string& more = "") {
        return R"({"id":null,"custom_id":)" + id +
               R"(,"response":null,"error":{"code":"code","message":"message")" + more + "}}\n";
    }
};

TEST_F(ErrorRowTest, BearsTheIdOfTheRequest) {
    dir.write("input.jsonl", input);
    EXPECT_EQ(errors(), error_of("\"a\"") + error_of("\"b\""));
}

TEST_F(ErrorRowTest, OfALineThatWasAlteredTheIdIsTakenWhereItIsTheSame) {
    std::string altered = input;
    altered.replace(altered.find("body"), 4, "bodi");
    altered.replace(altered.find("\"b\""), 3, "\"x\"");
    dir.write("input.jsonl", altered);
    EXPECT_EQ(errors(), error_of("\"a\"") + error_of("null", R"(,"line":20)"));
}

TEST_F(ErrorRowTest, OfAFileThatIsGoneTheLinesAreCounted) {
    EXPECT_EQ(errors(), error_of("null", R"(,"line":10)") + error_of("null", R"(,"line":20)"));
}

TEST_F(ErrorRowTest, OfAFileThatWasCutTheLinesThatAreLeftHaveTheirIds) {
    dir.write("input.jsonl", input.substr(0, input.size() - 3));
    EXPECT_EQ(errors(), error_of("\"a\"") + error_of("\"b\""));
}

}  // namespace
}  // namespace batchd::jsonl
