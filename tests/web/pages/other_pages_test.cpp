#include "web/pages/other_pages.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"

namespace batchd::web {
namespace {

using server::has;

TEST(ProvidersPageTest, HasTheLimitsOfEach) {
    config::Settings settings;
    settings.provider.max_requests = 1'000;
    settings.provider.max_bytes = 5'000'000;
    settings.providers["gpu"] = config::defaults_of(config::Kind::direct);
    settings.providers["gpu"].max_in_flight = 12;
    settings.providers["gpu"].requests_per_minute = 600;
    report::Status status;
    status.pid = 1;
    status.providers = {{.name = "default", .limits = {{"gpt", 9'000}}, .enqueued_tokens = {{"other", 5}}},
                        {.name = "gpu", .kind = "direct"}};
    const std::string page = providers_page({}, status, settings).str();
    EXPECT_TRUE(has(page, "1,000 requests and 5MB a batch")) << page;
    EXPECT_TRUE(has(page, "<div>gpt: 0 of 9,000</div><div>other: 5</div>")) << page;
    EXPECT_TRUE(has(page, "12 requests at once")) << page;
    EXPECT_TRUE(has(page, "600 requests a minute</div><div>as many tokens a minute as it takes")) << page;
}

TEST(ProvidersPageTest, OfTwoAtOneAddressOnlyTheClosedOneIs) {
    report::Status status;
    status.pid = 1;
    const std::string address = "https://gateway.example/v1";
    status.providers = {{.name = "default", .base_url = address}, {.name = "cheap", .base_url = address}};
    status.conditions = {{.kind = "provider_closed", .about = "cheap", .text = "the key is refused"}};
    const std::string page = providers_page({}, status, {}).str();
    const auto default_at = page.find("<td>default</td>"), cheap_at = page.find("<td>cheap</td>");
    EXPECT_LT(page.find("open</td>", default_at), cheap_at) << page;
    EXPECT_NE(page.find("closed</td>", cheap_at), std::string::npos) << page;
}

}  // namespace
}  // namespace batchd::web
