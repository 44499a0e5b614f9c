#include "money/nano_dollars.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct AmountCase {
    std::int64_t count;
    const char* text;
};

TEST(NanoDollarsTest, IsWrittenAsTheShortestDecimalAndReadBackAsTheSame) {
    for (const auto& [count, text] :
         {AmountCase{0, "0"}, AmountCase{1, "0.000000001"}, AmountCase{12'300'000, "0.0123"},
          AmountCase{50'000'000'000, "50"}, AmountCase{-500'000'000, "-0.5"},
          AmountCase{1'000'000'001, "1.000000001"}, AmountCase{kMost, "9223372036.854775807"},
          AmountCase{kLeast, "-9223372036.854775808"}}) {
        EXPECT_EQ(to_text(NanoDollars(count)), text);
        EXPECT_EQ(parse_dollars(text), NanoDollars(count)) << text;
    }
}

TEST(NanoDollarsTest, ReadsWhatPeopleWriteForTheSameAmount) {
    for (const char* text : {"1.5", "1.50", "01.5", "1.500000000"})
        EXPECT_EQ(parse_dollars(text), NanoDollars(1'500'000'000)) << text;
}

TEST(NanoDollarsTest, ReadsNothingElse) {
    for (const char* text : {"", "-", ".", "1.", ".5", "1e3", "+1", " 1", "1 ", "--1", "1.0000000001", "1,5",
                             "0x1", "9223372036.854775808", "99999999999999999999", "1.-5", "nan"})
        EXPECT_EQ(parse_dollars(text), std::nullopt) << text;
}

TEST(NanoDollarsTest, SaysWhenASumDoesNotFit) {
    EXPECT_EQ(plus(NanoDollars(2), NanoDollars(3)), NanoDollars(5));
    EXPECT_EQ(minus(NanoDollars(2), NanoDollars(3)), NanoDollars(-1));
    EXPECT_EQ(plus(NanoDollars(kMost), NanoDollars(1)), std::nullopt);
    EXPECT_EQ(minus(NanoDollars(kLeast), NanoDollars(1)), std::nullopt);
}

TEST(NanoDollarsTest, ReadsAnAmountWithItsCurrency) {
    for (const char* text : {"50 USD", "50USD", " 50  USD ", "50.00 USD"}) {
        const auto amount = parse_money(text);
        ASSERT_TRUE(amount) << text;
        EXPECT_EQ(*amount, NanoDollars(50'000'000'000)) << text;
    }
}

TEST(NanoDollarsTest, SaysWhatIsWrongWithAnAmount) {
    struct Case {
        const char* text;
        const char* why;
    };
    for (const auto& [text, why] :
         {Case{"50 EUR", "prices are in USD"}, Case{"50 usd", "prices are in USD"},
          Case{"50", "names no currency"}, Case{"USD", "is no amount"}, Case{"", "is no amount"},
          Case{"5-0 USD", "is no amount"}, Case{"50 USD USD", "prices are in USD"}}) {
        const auto amount = parse_money(text);
        ASSERT_FALSE(amount) << text;
        EXPECT_EQ(amount.error().code, make_error_code(Errc::bad_input));
        EXPECT_NE(amount.error().context.find(why), std::string::npos) << amount.error().context;
    }
}

}  // namespace
}  // namespace batchd::money
