#include <filesystem>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "fuzz/target.hpp"
#include "support/temp_dir.hpp"

namespace batchd::fuzz {
namespace {

struct Target {
    const char* name;
    void (*run)(std::string_view);
};

void PrintTo(const Target& target, std::ostream* out) {
    *out << target.name;
}

constexpr Target kTargets[] = {
    {"request_line", request_line}, {"result_line", result_line},       {"result_files", result_files},
    {"api_object", api_object},     {"http_response", http_response},   {"configuration", configuration},
    {"retry_after", retry_after},   {"file_name", file_name},           {"price_file", price_file},
    {"cron_line", cron_line},       {"direct_journal", direct_journal},
};

class ReplayTest : public ::testing::TestWithParam<Target> {};

TEST_P(ReplayTest, TakesEveryInputOfItsCorpus) {
    const Target& target = GetParam();
    std::size_t inputs = 0;
    for (const auto& file : std::filesystem::directory_iterator(Path(FUZZ_CORPUS) / target.name)) {
        SCOPED_TRACE(file.path().string());
        target.run(testing::slurp(file.path()));  // aborts where something does not hold
        ++inputs;
    }
    EXPECT_GE(inputs, 5U);
}

TEST_P(ReplayTest, TakesNothingAndEverySingleByte) {
    const Target& target = GetParam();
    target.run("");
    int taken = 0;
    for (int byte = 0; byte < 256; ++byte, ++taken) target.run(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(taken, 256);
}

INSTANTIATE_TEST_SUITE_P(Targets, ReplayTest, ::testing::ValuesIn(kTargets),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace batchd::fuzz
