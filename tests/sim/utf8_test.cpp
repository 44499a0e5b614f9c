#include "sim/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace batchd::sim {
namespace {

bool is_utf8(std::string_view text) {
    Utf8Check check;
    check.feed(text);
    return check.valid();
}

TEST(Utf8CheckTest, AcceptsEveryLengthOfCharacterWhereverItIsCut) {
    const std::string_view text =
        "long enough for words of eight \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Utf8Check check;
        check.feed(text.substr(0, cut));
        check.feed(text.substr(cut));
        ASSERT_TRUE(check.valid()) << "cut at " << cut;
    }
}

TEST(Utf8CheckTest, RefusesWhatIsNoUtf8) {
    for (std::string_view text : {"\xff\xfe{", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                  "\x80", "cut \xe2\x82", "\xc3("})
        EXPECT_FALSE(is_utf8(text)) << ::testing::PrintToString(text);
}

TEST(Utf8PrefixTest, CutsNoCharacterInTwo) {
    EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 3), "a");
    EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
    EXPECT_EQ(utf8_prefix("\xe2\x82\xac", 0), "");
}

}  // namespace
}  // namespace batchd::sim
