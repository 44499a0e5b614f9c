#include "config/values/listen_address.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

TEST(ListenAddressTest, ReadsAddressesAndPaths) {
    EXPECT_EQ(parse_listen("127.0.0.1:8420"), (ListenAddress{.host = "127.0.0.1", .port = 8420}));
    EXPECT_EQ(parse_listen("[::1]:65535"), (ListenAddress{.host = "::1", .port = 65535}));
    EXPECT_EQ(parse_listen("/run/x.sock"), (ListenAddress{.path = "/run/x.sock"}));
    for (const char* wrong : {"", ":8420", "localhost:8420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                              "127.0.0.1:-1", "::1:8420", "[::1]", "[127.0.0.1]:80", "127.0.0.1:80x"})
        EXPECT_EQ(parse_listen(wrong), std::nullopt) << wrong;
    EXPECT_EQ(parse_listen("/" + std::string(107, 'x')), std::nullopt);
}

TEST(ListenAddressTest, KnowsWhatOnlyThisMachineReaches) {
    for (const char* local : {"127.0.0.1:1", "127.200.3.4:1", "[::1]:1", "/x"})
        EXPECT_TRUE(parse_listen(local)->is_local()) << local;
    for (const char* wide : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[::ffff:127.0.0.1]:1"})
        EXPECT_FALSE(parse_listen(wide)->is_local()) << wide;
}

}  // namespace
}  // namespace batchd::config
