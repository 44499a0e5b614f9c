#include "config/reading/read_toml.hpp"

#include <gtest/gtest.h>

#include "config/problems.hpp"

namespace batchd::config {
namespace {

TEST(ReadTomlTest, HasMembersInTheOrderOfTheFile) {
    const auto table = read_toml("[b]\nz = 1\na = { y = 1, x = 2 }\n[a]", "f").value();
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table[0].name, "b");
    EXPECT_EQ(table[0].value.where, "f:1");
    const auto& members = std::get<Value::Table>(table[0].value.content);
    EXPECT_EQ(members[0].name, "z");
    EXPECT_EQ(std::get<Value::Table>(members[1].value.content)[0].name, "y");
    EXPECT_EQ(table[1].value.where, "f:4");
}

TEST(ReadTomlTest, WhatIsSetTwiceIsToldWithBothPlaces) {
    struct Twice {
        const char* toml;
        const char* at;
        const char* first;
    };
    for (const Twice& c : {Twice{"[batch]\nmodel = 'a'\n\nmodel = 'b'", "f:4:", "f:2"},
                           Twice{"model = 'a'\nmodel = 'b'", "f:2:", "f:1"},
                           Twice{"[log]\n[queue.nightly]\nmodel = 'a'\n[queue.nightly]", "f:4:", "f:2"},
                           Twice{"[poll]\ninterval = '1m'\n[batch]\nmetadata = {}\n[batch.metadata]\na = '1'",
                                 "f:5:", "f:4"}}) {
        const std::string text = problems_of(load_text(c.toml, "f", kNothing));
        EXPECT_TRUE(text.starts_with(c.at)) << text;
        EXPECT_TRUE(contains(text, "; it is set twice: " + std::string(c.first) + " has it as well\n"))
            << text;
    }
}

TEST(ReadTomlTest, AnOddKeyThatIsSetTwiceIsToldAtLeast) {
    for (const char* toml :
         {"[a.\"b.c\"]\n\"x y\" = 1\n\"x y\" = 2", "a = { b = 1, b = 2 }", "a = [\n{ b = 1,\n b = 2 }]"})
        EXPECT_TRUE(contains(problems(toml), "not valid TOML")) << problems(toml);
}

TEST(ReadTomlTest, ATreeHasADepthThatItCanBear) {
    std::string deep = "1";
    for (int i = 0; i < 60; ++i) deep = "[" + deep + "]";
    EXPECT_TRUE(contains(problems("batch.defaults = { a = " + deep + " }"), "is nested too deeply"))
        << problems("batch.defaults = { a = " + deep + " }");
}

}  // namespace
}  // namespace batchd::config
