#include "control/peer/spoken_for.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace batchd::control {
namespace {

const server::Peer kSomebody{.uid = 54321, .pid = {}, .address = {}};

TEST(SpokenForTest, ThePageNamesWhoAsksAndIsNamedBesideThem) {
    EXPECT_EQ(user_of("for=alice", kSomebody, "batchd-web"), "alice (by batchd-web)");
    const server::Peer us{.uid = ::geteuid(), .pid = {}, .address = {}};
    EXPECT_EQ(user_of("for=alice", us, "batchd"), "alice (by batchd)");
    const server::Peer root{.uid = 0, .pid = {}, .address = {}};
    EXPECT_EQ(user_of("for=alice", root, "root"), "alice (by root)");
}

TEST(SpokenForTest, NobodyElseIsBelieved) {
    EXPECT_EQ(user_of("for=alice", kSomebody, "mallory"), "mallory");
    EXPECT_EQ(user_of("for=alice", {}, ""), "");
    EXPECT_EQ(user_of("for=alice", {}, "batchd-web"), "batchd-web") << "the kernel does not say who it is";
}

TEST(SpokenForTest, WhatIsNoNameChangesNothing) {
    for (const std::string query : {"", "for=", "for=%4", "for=%zz", "over_budget=true"})
        EXPECT_EQ(user_of(query, kSomebody, "batchd-web"), "batchd-web") << query;
    EXPECT_EQ(user_of("for=" + std::string(101, 'a'), kSomebody, "batchd-web"), "batchd-web");
}

TEST(SpokenForTest, ANameArrivesAsItWasSent) {
    for (const std::string name : {"alice", "Ali & Bob=?", "a+b@example.com", "zoë"}) {
        const std::string query = spoken_for_query(name);
        EXPECT_EQ(query.find_first_of(" &@+"), std::string::npos) << query;
        EXPECT_EQ(user_of(query.substr(1), kSomebody, "batchd-web"), name + " (by batchd-web)");
    }
    EXPECT_EQ(user_of(spoken_for_query("a\nb").substr(1), kSomebody, "batchd-web"),
              "a\\x0ab (by batchd-web)");
    EXPECT_EQ(spoken_for_query(""), "");
}

}  // namespace
}  // namespace batchd::control
