#include "engine/deliver/shared_reason.hpp"

#include <gtest/gtest.h>

#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

std::string line(const std::string& id, const std::string& rest) {
    return R"({"custom_id":")" + id + R"(",)" + rest + "}\n";
}
const std::string kNoModel =
    R"("response":{"status_code":404,"body":{"error":{"code":"model_not_found","message":"The model `gpt-9` does not exist"}}},"error":null)";

struct SharedReasonTest : ::testing::Test {
    std::string reason(const std::vector<std::string>& pieces) {
        std::vector<Path> paths;
        for (const std::string& piece : pieces)
            paths.push_back(
                testing::write_rows(dir.path() / ("piece-" + std::to_string(paths.size())), piece));
        return shared_reason(paths).value();
    }
    testing::TempDir dir;
};

TEST_F(SharedReasonTest, IsWhatEveryFailedRequestSays) {
    EXPECT_EQ(reason({line("a", kNoModel) + line("b", kNoModel), line("c", kNoModel)}),
              "model_not_found: The model `gpt-9` does not exist");
    EXPECT_EQ(reason({line("a", R"("response":null,"error":{"code":"answer_lost","message":"m"})")}),
              "answer_lost: m");
    EXPECT_EQ(reason({line("a", R"("response":{"status_code":413})")}), "status 413");
}

TEST_F(SharedReasonTest, IsNothingWhereTheyDiffer) {
    const std::string other = R"("response":null,"error":{"code":"no_answer","message":"m"})";
    EXPECT_EQ(reason({line("a", kNoModel) + line("b", other)}), "");
    EXPECT_EQ(reason({line("a", kNoModel), line("b", other)}), "");
    EXPECT_EQ(reason({line("a", R"("response":null,"error":null)")}), "") << "it says nothing";
    EXPECT_EQ(reason({"no json\n"}), "");
    EXPECT_EQ(reason({}), "");
}

TEST_F(SharedReasonTest, IsCutWhereItIsLong) {
    const std::string text(100'000, 'x');
    const std::string said =
        reason({line("a", R"("response":null,"error":{"code":"c","message":")" + text + R"("})")});
    EXPECT_LT(said.size(), 500U);
}

TEST_F(SharedReasonTest, APieceThatCannotBeReadIsAnError) {
    EXPECT_FALSE(shared_reason({dir.path() / "none"}));
}

}  // namespace
}  // namespace batchd::engine
