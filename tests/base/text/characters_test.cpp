#include "base/text/characters.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

TEST(CharactersTest, CountsCharactersAndNotBytes) {
    EXPECT_EQ(count_characters(""), 0U);
    EXPECT_EQ(count_characters("plain"), 5U);
    EXPECT_EQ(count_characters("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 4U);
}

TEST(CharactersTest, KnowsBeforeWhichByteATextMayBeCut) {
    EXPECT_TRUE(begins_character('a'));
    EXPECT_TRUE(begins_character('\xe2'));
    EXPECT_FALSE(begins_character('\x82'));
}

}  // namespace
}  // namespace batchd
