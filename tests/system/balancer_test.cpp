#include <array>
#include <cstdlib>

#include <sys/stat.h>

#include "sim/backend.hpp"
#include "system/daemon_process.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

const Path kHaproxy = "/usr/sbin/haproxy";

std::uint16_t free_port(const Path& data) {
    return sim::Server({.data = data}).port();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << "config/examples/haproxy.cfg has no " << what;
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

/// Three servers behind HAProxy, as config/examples/haproxy.cfg has it: only the addresses are others, and it
/// looks after the servers more often.
class BalancerTest : public ::testing::Test {
protected:
    static constexpr std::size_t kServers = 3;

    Workbench bench;
    std::array<std::unique_ptr<sim::Server>, kServers> servers;
    std::array<std::uint16_t, kServers> ports{};
    std::uint16_t port = 0;
    std::optional<DaemonProcess> haproxy;

    void SetUp() override {
        if (!file_exists(kHaproxy).value()) GTEST_SKIP() << "haproxy is not installed";
        for (std::size_t i = 0; i < kServers; ++i) start_server(i, R"({"direct_seconds":0.02})");
        port = free_port(bench.root() / "probe");
        start_haproxy();
        bench.set("provider.kind", "\"direct\"");
        bench.unset("provider.list_lag");
        bench.unset("provider.ca_file");
        bench.set("provider.base_url", "\"http://127.0.0.1:" + std::to_string(port) + "/v1\"");
        bench.set("provider.max_in_flight", "32");
        bench.set("retry.row_attempts", "5");
    }
    void start_server(std::size_t i, std::string_view settings) {
        sim::ServerOptions options{
            .data = bench.root() / ("gpu-" + std::to_string(i)), .port = ports[i], .key = kApiKey};
        servers[i] = std::make_unique<sim::Server>(std::move(options));
        servers[i]->change_settings(settings);
        ports[i] = servers[i]->port();
    }
    void start_haproxy() {
        std::string text = slurp(BATCHD_EXAMPLES "/haproxy.cfg");
        text = replaced(text, "bind 127.0.0.1:8400", "bind 127.0.0.1:" + std::to_string(port));
        text = replaced(text, "inter 2s", "inter 100ms");
        for (std::size_t i = 0; i < kServers; ++i)
            text = replaced(text, "gpu-" + std::to_string(i + 1) + ":8000",
                            "127.0.0.1:" + std::to_string(ports[i]));
        replace_file(bench.root() / "haproxy.cfg", text).value();
        DaemonCommand command;
        command.program = kHaproxy;
        command.arguments = {"-db", "-f", (bench.root() / "haproxy.cfg").string()};
        command.output = command.errors = bench.root() / "haproxy.log";
        haproxy.emplace(command);
    }
    std::uint64_t paid(std::size_t i) {
        return boost::json::parse(servers[i]->report()).at("direct").at("paid").to_number<std::uint64_t>();
    }
};

TEST_F(BalancerTest, AServerThatDiesAndComesBackAndOneThatIsSlowLoseNothing) {
    constexpr unsigned kRequests = 1500;
    servers[2]->change_settings(R"({"direct_seconds":0.2})");
    bench.drop("articles", articles(kRequests));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return paid(0) > 50; }));
    servers[0].reset();
    const std::uint64_t before = paid(1);
    ASSERT_TRUE(bench.wait_until([&] { return paid(1) > before + 100; })) << "what is left goes on";
    start_server(0, R"({"direct_seconds":0.02})");
    ASSERT_TRUE(bench.wait_until([&] { return paid(0) > 50; })) << "it has its share again";
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(kRequests));
    EXPECT_GT(paid(2), 0U);
    EXPECT_LT(paid(2), paid(1)) << "the slow one gets less";
}

}  // namespace
}  // namespace batchd::testing
