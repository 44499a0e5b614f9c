#include "money/exact_dollars.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

ExactDollars exact(std::string_view number) {
    const auto amount = ExactDollars::parse(number);
    EXPECT_TRUE(amount) << number;
    return amount ? *amount : ExactDollars();
}

struct Number {
    const char* written;
    const char* text;
};

TEST(ExactDollarsTest, TakesANumberDigitByDigit) {
    for (const auto& [written, text] :
         {Number{"1.25e-07", "0.000000125"}, Number{"1.25E-7", "0.000000125"},
          Number{"0.125e-6", "0.000000125"}, Number{"125e-9", "0.000000125"}, Number{"0.1", "0.1"},
          Number{"1.50", "1.5"}, Number{"5e+2", "500"}, Number{"12e1", "120"},
          Number{"1.5000020000000002e-05", "0.000015000020000000002"}, Number{"-0.0", "0"},
          Number{"0e999999999999", "0"}, Number{"1e-29", "0.00000000000000000000000000001"},
          Number{"9999999.99999999999999999999999999999", "9999999.99999999999999999999999999999"},
          Number{"1000000000000000000000000000000e-30", "1"}}) {
        EXPECT_EQ(exact(written).text(), text) << written;
        EXPECT_EQ(exact(text), exact(written)) << written;
    }
}

TEST(ExactDollarsTest, RefusesWhatIsNoAmountAndSaysWhy) {
    for (const auto& [written, why] :
         {Number{"-1e-07", "negative"}, Number{"1e-30", "decimal places"},
          Number{"1e7", "more than anything"}, Number{"1e999999999999999999999", "more than anything"},
          Number{"1e-999999999999999999999", "decimal places"}, Number{"", "no number"},
          Number{"1e", "no number"}, Number{"1.", "no number"}, Number{".5", "no number"},
          Number{"1 ", "no number"}, Number{"NaN", "no number"}, Number{"1e5x", "no number"}}) {
        const auto amount = ExactDollars::parse(written);
        ASSERT_FALSE(amount) << written;
        EXPECT_NE(amount.error().context.find(why), std::string::npos) << amount.error().context;
    }
}

TEST(ExactDollarsTest, MultipliesAndAddsWithoutRounding) {
    EXPECT_EQ(exact("3.75e-08").times(3)->text(), "0.0000001125");
    EXPECT_EQ(exact("1e-29").half().text(), "0.000000000000000000000000000005");
    EXPECT_EQ(exact("0.1").plus(exact("0.2")), exact("0.3"));
}

TEST(ExactDollarsTest, SaysWhenTheResultDoesNotFit) {
    EXPECT_EQ(exact("0.01").times(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
    const auto large = exact("9999999").times(17);
    ASSERT_TRUE(large);
    EXPECT_EQ(large->plus(*large), std::nullopt);
}

TEST(ExactDollarsTest, RoundsToTheNearestNanoDollarAndFromTheMiddleToTheEvenOne) {
    struct Case {
        const char* amount;
        std::int64_t nano;
    };
    for (const auto& [amount, nano] :
         {Case{"0", 0}, Case{"0.4e-9", 0}, Case{"0.5e-9", 0}, Case{"0.5000001e-9", 1}, Case{"1.5e-9", 2},
          Case{"2.5e-9", 2}, Case{"2.51e-9", 3}, Case{"1", 1'000'000'000}, Case{"37.5e-9", 38}})
        EXPECT_EQ(exact(amount).rounded(), NanoDollars(nano)) << amount;
}

}  // namespace
}  // namespace batchd::money
