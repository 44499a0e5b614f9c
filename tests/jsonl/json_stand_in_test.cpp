#include "jsonl/json_stand_in.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

struct StandInCase {
    std::string_view given, expected;
};

TEST(JsonStandInTest, PutsZeroForNumbersThatNoMachineWordHolds) {
    const std::vector<StandInCase> cases = {
        {R"([1e400])", R"([0    ])"},
        {R"([-0e+99999,18446744073709551616])", R"([0        ,0                   ])"},
        {R"({"a":1E-400})", R"({"a":0     })"},
        {R"([12345678901234567890.5e-3 , 7])", R"([0                         , 7])"},
    };
    for (const StandInCase& c : cases) EXPECT_EQ(json_stand_in(c.given), c.expected) << c.given;
}

TEST(JsonStandInTest, LeavesEverythingElseAsItIs) {
    for (const std::string_view text :
         {R"({"a":[1,-2.5,true,false,null,"1e400 18446744073709551616"]})",  // in a string
          R"(["\ud83d\ude00","\\ud83d","\"1e400"])",
          // no numbers by the grammar, so they must stay what they are
          R"([01e400])", R"([1e])", R"([1.e400])", R"([--1e400])", R"([1e400-1])", R"([.1e400])",
          R"([0123456789012345678901234])"})
        EXPECT_EQ(json_stand_in(text), text);
}

TEST(JsonStandInTest, PutsTheReplacementCharacterForHalfACharacter) {
    EXPECT_EQ(json_stand_in(R"(["cut \ud83d"])"), R"(["cut \ufffd"])");
    EXPECT_EQ(json_stand_in(R"(["\uDE00\ud83d\ude00\uD83D\uD83d\ude00"])"),
              R"(["\ufffd\ud83d\ude00\ufffd\uD83d\ude00"])");
    EXPECT_EQ(json_stand_in(R"(["\ud83dA"])"), R"(["\ufffdA"])");
}

TEST(JsonStandInTest, SurvivesTextThatEndsAnywhere) {
    const std::string_view text = R"({"a":["\ud83d\ude00",1e400,"\ud83d"]})";
    for (std::size_t size = 0; size <= text.size(); ++size)
        EXPECT_EQ(json_stand_in(text.substr(0, size)).size(), size);
}

TEST(LoneSurrogateTest, IsShownAsItStandsThere) {
    EXPECT_EQ(lone_surrogate(R"({"a":1e400,"b":"x\ud83d\ude00\uD83Dx"})"), R"(\uD83D)");
    EXPECT_EQ(lone_surrogate(R"({"b":"x\ud83d\ude00 \\ud83d"})"), "");
}

}  // namespace
}  // namespace batchd::jsonl
