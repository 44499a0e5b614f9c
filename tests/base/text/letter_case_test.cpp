#include "base/text/letter_case.hpp"

#include <array>

#include <gtest/gtest.h>

namespace batchd {
namespace {

TEST(LetterCaseTest, LettersOfAsciiBecomeSmallAndAllElseStays) {
    EXPECT_EQ(to_lower("Az[@]-09 \xC3\x84"), "az[@]-09 \xC3\x84");
    EXPECT_EQ(to_lower(std::string_view()), "");
}

TEST(LetterCaseTest, AWordIsTheWholeOfItInAnyCase) {
    EXPECT_TRUE(is_word("Authorization", "authorization"));
    EXPECT_FALSE(is_word("authorizations", "authorization"));
    EXPECT_FALSE(is_word("author", "authorization"));
    static constexpr std::array<std::string_view, 2> kWords = {"accept", "range"};
    EXPECT_TRUE(is_any_word("RANGE", kWords));
    EXPECT_FALSE(is_any_word("if-range", kWords));
}

TEST(LetterCaseTest, WordsAreSaidWhereverTheyStand) {
    EXPECT_TRUE(says("The Model is gone", "model is"));
    EXPECT_FALSE(says("The mode", "model"));
    static constexpr std::array<std::string_view, 2> kWords = {"not ready", "pending"};
    EXPECT_TRUE(says_any("It is PENDING.", kWords));
    EXPECT_FALSE(says_any("It is ready.", kWords));
}

}  // namespace
}  // namespace batchd
