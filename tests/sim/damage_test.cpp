#include "sim/damage.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace batchd::sim {
namespace {

const std::string kLine =
    R"({"id":"batch_req_1","custom_id":"r-7","response":{"status_code":200,"body":{"usage":{"total_tokens":31}}},"error":null})";

TEST(DamageTest, KnowsItsWords) {
    for (const char* word : {"control_character", "cut", "nan", "id_as_number", "garbage"})
        EXPECT_EQ(to_string(parse_damage(word).value()), word);
    EXPECT_FALSE(parse_damage("scratched"));
}

TEST(DamageTest, MakesALineThatIsNoJson) {
    for (const Damage damage : {Damage::control_character, Damage::cut, Damage::nan, Damage::garbage}) {
        boost::system::error_code ec;
        const auto ignored = boost::json::parse(damaged(kLine, damage, 9), ec);
        EXPECT_TRUE(ec) << to_string(damage);
    }
}

TEST(DamageTest, TouchesNothingElse) {
    EXPECT_EQ(damaged(kLine, Damage::cut, 9), kLine.substr(0, kLine.size() - 9));
    EXPECT_EQ(damaged(kLine, Damage::cut, 9000), "");
    EXPECT_NE(damaged(kLine, Damage::nan, 0).find(R"("total_tokens":NaN}})"), std::string::npos);
    EXPECT_NE(damaged(kLine, Damage::id_as_number, 0).find(R"("custom_id":7,)"), std::string::npos);
    EXPECT_EQ(damaged(kLine, Damage::garbage, 0).size(), kLine.size());
}

}  // namespace
}  // namespace batchd::sim
