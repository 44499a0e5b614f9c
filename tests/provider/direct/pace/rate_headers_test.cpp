#include "provider/direct/pace/rate_headers.hpp"

#include <gtest/gtest.h>

#include "provider/direct/pace/named_wait.hpp"

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

http::Response response(std::vector<http::Header> headers) {
    http::Response made;
    made.status = 429;
    made.headers = std::move(headers);
    return made;
}

TEST(RateHeadersTest, ReadsDurationsInEveryFormThatIsAbout) {
    const std::pair<const char*, std::optional<Millis>> kCases[] = {
        {"2ms", 2ms},
        {"1s", 1s},
        {"6m0s", 6min},
        {"1h2m", 1h},
        {"1.5s", 1500ms},
        {"179.56s", 179'560ms},
        {"20", 20s},
        {"0.5", 500ms},
        {"0", 0ms},
        {"0s", 0ms},
        {"500us", 1ms},
        {"1d", 1h},
        {"", std::nullopt},
        {"-1", std::nullopt},
        {"-5s", std::nullopt},
        {"soon", std::nullopt},
        {"1x", std::nullopt},
        {"1e400s", std::nullopt},
        {"s", std::nullopt},
        {"99999999999999h", 1h},
    };
    for (const auto& [text, wanted] : kCases) EXPECT_EQ(parse_reset(text), wanted) << '"' << text << '"';
}

TEST(RateHeadersTest, ReadsWhatOpenAiSends) {
    const RateHeaders rates = parse_rate_headers(response({{"x-ratelimit-limit-requests", "10000"},
                                                           {"x-ratelimit-remaining-requests", "9999"},
                                                           {"x-ratelimit-reset-requests", "6ms"},
                                                           {"x-ratelimit-limit-tokens", "200000"},
                                                           {"x-ratelimit-remaining-tokens", "0"},
                                                           {"x-ratelimit-reset-tokens", "1m0s"}}));
    EXPECT_EQ(rates.requests.limit, 10'000);
    EXPECT_EQ(rates.requests.remaining, 9999);
    EXPECT_EQ(rates.requests.reset, 6ms);
    EXPECT_EQ(rates.tokens.remaining, 0);
    EXPECT_EQ(rates.tokens.reset, 1min);
}

TEST(RateHeadersTest, IgnoresWhatIsNoLimit) {
    for (const char* limit : {"-1", "0", "", "many"}) {
        const RateHeaders rates = parse_rate_headers(response({{"x-ratelimit-limit-tokens", limit},
                                                               {"x-ratelimit-remaining-tokens", "-1"},
                                                               {"x-ratelimit-reset-tokens", "0"}}));
        EXPECT_FALSE(rates.tokens.limit) << limit;
        EXPECT_FALSE(rates.tokens.remaining) << limit;
    }
}

TEST(RateHeadersTest, WhatIsLeftCountsWithoutALimit) {
    const RateHeaders rates = parse_rate_headers(
        response({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "20s"}}));
    EXPECT_FALSE(rates.requests.limit);
    EXPECT_EQ(rates.requests.remaining, 0);
    EXPECT_EQ(wait_asked_for(
                  response({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "20s"}}),
                  "", TimePoint{}),
              20s);
}

TEST(RateHeadersTest, TogethersLimitsAreASeconds) {
    const RateHeaders rates =
        parse_rate_headers(response({{"x-ratelimit-limit", "10"}, {"x-ratelimit-limit-tokens", "3000"}}));
    EXPECT_EQ(rates.requests.limit, 10);
    EXPECT_EQ(rates.requests.period, 1s);
    EXPECT_EQ(rates.tokens.limit, 3000);
    EXPECT_EQ(rates.tokens.period, 1s);
}

TEST(NamedWaitTest, FindsTheTimeThatATextNames) {
    const std::pair<const char*, std::optional<Millis>> kCases[] = {
        {"Rate limit reached for gpt-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 1500. "
         "Please "
         "try again in 1.5s. Visit https://x to learn more.",
         1500ms},
        {"Please try again in 850ms.", 850ms},
        {"Please try again in 6m0s.", 6min},
        {"Please retry after 26 seconds.", 26s},
        {"Please retry after 1 second.", 1s},
        {"Please retry in 35.2s.", 35'200ms},
        {"try again in 2 minutes", 2min},
        {"Try again in 20", 20s},
        {"please try again later", std::nullopt},
        {"server busy, please try again.  maximum pending requests exceeded", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& [text, wanted] : kCases) EXPECT_EQ(named_wait(text), wanted) << text;
}

TEST(NamedWaitTest, TheLongestOfWhatIsNamedCounts) {
    const TimePoint now{std::chrono::seconds(1'800'000'000)};
    const std::string text = "Please try again in 1.5s.";
    EXPECT_EQ(wait_asked_for(response({{"retry-after-ms", "1200"}, {"retry-after", "1"}}), text, now),
              1500ms);
    EXPECT_EQ(wait_asked_for(response({{"retry-after", "7"}}), text, now), 7s);
    EXPECT_EQ(wait_asked_for(response({{"retry-after-ms", "2500"}}), text, now), 2500ms);
    EXPECT_EQ(wait_asked_for(response({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                       {"retry-after", "Sun, 06 Nov 1994 08:49:57 GMT"}}),
                             "", now),
              20s);
    EXPECT_EQ(wait_asked_for(response({{"retry-after", "-5"}}), "", now), std::nullopt);
}

TEST(NamedWaitTest, WithoutAWordTheLimitThatRanOutSaysHowLong) {
    const TimePoint now{};
    const std::vector<http::Header> spent = {
        {"x-ratelimit-limit-tokens", "1000"},    {"x-ratelimit-remaining-tokens", "0"},
        {"x-ratelimit-reset-tokens", "30s"},     {"x-ratelimit-limit-requests", "10"},
        {"x-ratelimit-remaining-requests", "9"}, {"x-ratelimit-reset-requests", "6m0s"}};
    EXPECT_EQ(wait_asked_for(response(spent), "", now), 30s);
    EXPECT_EQ(wait_asked_for(response(spent), "Please try again in 2s", now), 2s);
}

}  // namespace
}  // namespace batchd::provider::direct
