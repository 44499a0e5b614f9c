#include "config/values/table_name.hpp"

#include <string>

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

TEST(TableNameTest, IsOfLettersDigitsHyphensAndUnderscores) {
    for (const char* good : {"a", "Nightly-2_x", "-", "0", "Default"})
        EXPECT_TRUE(is_table_name(good)) << good;
    for (const char* bad : {"", "default", "a b", "a.b", "a/b", "..", "\xc3\xa9"})
        EXPECT_FALSE(is_table_name(bad)) << bad;
    EXPECT_TRUE(is_table_name(std::string(64, 'a')));
    EXPECT_FALSE(is_table_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace batchd::config
