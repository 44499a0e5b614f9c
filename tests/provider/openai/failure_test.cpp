#include "provider/openai/failure.hpp"

#include <ostream>

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>

namespace batchd::provider {

void PrintTo(FailureKind kind, std::ostream* out) {
    *out << to_string(kind);
}

namespace {

using namespace std::chrono_literals;
using http::Phase;

http::Response response(unsigned status, std::string body, std::vector<http::Header> headers = {}) {
    http::Response made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

std::string envelope(const std::string& code, const std::string& message = "m",
                     const std::string& param = "") {
    return R"({"error":{"message":")" + message + R"(","type":"t","param":")" + param + R"(","code":")" +
           code + R"("}})";
}

FailureKind kind_of(unsigned status, std::string body, Effect effect = Effect::none) {
    return classify(response(status, std::move(body)), effect, TimePoint{}).kind;
}

TEST(FailureTest, ACallThatBreaksOffIsADoubtWhereItMayHaveHadItsEffect) {
    const http::TransportError reset{Phase::sent, boost::asio::error::connection_reset, "reset"};
    EXPECT_EQ(classify(reset, Effect::possible).kind, FailureKind::doubt);
    EXPECT_EQ(classify(reset, Effect::none).kind, FailureKind::unavailable);
}

TEST(FailureTest, ACallThatWasNeverSentIsNoDoubt) {
    const http::TransportError refused{Phase::connect, boost::asio::error::connection_refused, "refused"};
    EXPECT_EQ(classify(refused, Effect::possible).kind, FailureKind::unreachable);
    const http::TransportError disk{Phase::local, boost::asio::error::access_denied, "disk"};
    EXPECT_EQ(classify(disk, Effect::possible).kind, FailureKind::local);
    EXPECT_EQ(classify(disk, Effect::possible).message, "disk");
}

TEST(FailureTest, ServerFaultsAreDoubtsForCallsWithAnEffect) {
    for (const unsigned status : {302U, 408U, 425U, 499U, 500U, 502U, 503U, 504U, 520U, 524U, 599U}) {
        EXPECT_EQ(kind_of(status, "<html>oops</html>", Effect::possible), FailureKind::doubt) << status;
        EXPECT_EQ(kind_of(status, "<html>oops</html>", Effect::none), FailureKind::unavailable) << status;
    }
}

TEST(FailureTest, WrongRequestsAreRefused) {
    for (const unsigned status : {400U, 405U, 413U, 415U, 422U, 505U})
        EXPECT_EQ(kind_of(status, envelope("invalid_value"), Effect::possible), FailureKind::refused)
            << status;
}

TEST(FailureTest, KeysAndPermissionsAreForSomebodyToMend) {
    EXPECT_EQ(kind_of(401, envelope("invalid_api_key")), FailureKind::unauthorized);
    EXPECT_EQ(kind_of(401, ""), FailureKind::unauthorized);
    EXPECT_EQ(kind_of(403, envelope("unsupported_country_region_territory")), FailureKind::unauthorized);
    EXPECT_EQ(kind_of(403, "error code: 1010"), FailureKind::unauthorized);
    EXPECT_EQ(kind_of(403, "Model m is not available to this account."), FailureKind::refused);
    EXPECT_EQ(kind_of(403, "<html>Forbidden</html>"), FailureKind::unavailable);
    EXPECT_EQ(kind_of(403, ""), FailureKind::unavailable);
    EXPECT_EQ(kind_of(403, envelope("model_not_found")), FailureKind::refused);
    EXPECT_EQ(kind_of(403, envelope("", "Project p does not have access to model gpt-x")),
              FailureKind::refused);
}

TEST(FailureTest, AnotherHostSaysNothingAboutTheKey) {
    for (const unsigned status : {400U, 401U, 402U, 403U, 404U, 410U, 429U, 501U})
        for (const char* body : {"<Error>expired link</Error>", R"({"error":{"message":"no"}})"}) {
            http::Response elsewhere = response(status, body);
            elsewhere.is_from_elsewhere = true;
            const Failure failure = classify(elsewhere, Effect::none, TimePoint{});
            EXPECT_EQ(failure.kind, FailureKind::unavailable) << status << body;
            EXPECT_FALSE(failure.in_own_words);
        }
}

TEST(FailureTest, OnlyTheProvidersErrorObjectIsItsOwnWords) {
    const auto is_own = [](std::string body) {
        return classify(response(404, std::move(body)), Effect::none, TimePoint{}).in_own_words;
    };
    for (const char* body : {R"({"error":{"message":"m"}})", R"({"error":{"code":"c"}})",
                             R"({"error":"text"})", R"({"detail":"Not Found"})", R"({"message":"m"})",
                             R"({"error":{"code":404}})", R"({"detail":[{"msg":"field required"}]})"})
        EXPECT_TRUE(is_own(body)) << body;
    for (const char* body :
         {"", " \n", "Not Found", "<html>404</html>", "{}", "[]", "null", R"({"error":{}})",
          R"({"error":null})", R"({"id":"b"})", R"({"error":{"message":"m"})"})
        EXPECT_FALSE(is_own(body)) << body;
}

TEST(FailureTest, ThePageOfALoadBalancerIsNoRefusal) {
    for (const unsigned status : {400U, 403U, 405U, 406U, 409U, 411U, 415U, 421U, 422U, 431U, 505U})
        for (const char* page : {"", "<!DOCTYPE html><title>No</title>", "\n<html>", "{}", "upstream error"})
            for (const auto effect : {Effect::none, Effect::possible}) {
                if (status == 403 && (page[0] == '{' || page[0] == 'u')) continue;  // to be asked about
                const bool may_hide_an_effect = effect == Effect::possible;
                EXPECT_EQ(kind_of(status, page, effect),
                          may_hide_an_effect ? FailureKind::doubt : FailureKind::unavailable)
                    << status << page;
            }
    const auto html = response(400, "Bad Request", {{"content-type", "text/html; charset=utf-8"}});
    EXPECT_EQ(classify(html, Effect::possible, TimePoint{}).kind, FailureKind::doubt);
}

TEST(FailureTest, APageThatSaysNoMayHideThatTheCallWentThrough) {
    for (const unsigned status : {404U, 410U, 429U}) {
        EXPECT_EQ(kind_of(status, "<html>no</html>", Effect::possible), FailureKind::doubt) << status;
        EXPECT_NE(kind_of(status, "<html>no</html>", Effect::none), FailureKind::doubt) << status;
        EXPECT_NE(kind_of(status, envelope("c"), Effect::possible), FailureKind::doubt) << status;
    }
}

TEST(FailureTest, ABodyThatIsTooLargeForAPageMayPassTheNextTime) {
    for (const char* body : {"<html>413 Request Entity Too Large</html>", "too large", ""}) {
        EXPECT_EQ(kind_of(413, body, Effect::possible), FailureKind::doubt) << body;
        EXPECT_EQ(kind_of(413, body, Effect::none), FailureKind::unavailable) << body;
    }
    EXPECT_EQ(kind_of(413, envelope("too_large"), Effect::possible), FailureKind::refused);
}

TEST(FailureTest, APostThatIsSentElsewhereMayHaveHadAnEffect) {
    for (const unsigned status : {307U, 308U})
        EXPECT_EQ(kind_of(status, "", Effect::possible), FailureKind::doubt) << status;
}

TEST(FailureTest, ANoOfSomethingOnTheWayMayHideAnEffect) {
    for (const unsigned status : {401U, 402U, 404U, 410U, 501U})
        for (const char* body : {"", "<html>no</html>", "no"}) {
            EXPECT_EQ(kind_of(status, body, Effect::possible), FailureKind::doubt) << status << body;
            EXPECT_NE(kind_of(status, body, Effect::none), FailureKind::doubt) << status << body;
        }
    EXPECT_EQ(kind_of(401, envelope("invalid_api_key"), Effect::possible), FailureKind::unauthorized);
    EXPECT_EQ(kind_of(402, envelope("c"), Effect::possible), FailureKind::quota);
}

TEST(FailureTest, ACallThatTheServerDoesNotHaveIsUnsupported) {
    for (const char* body : {"", "<html>501</html>", R"({"error":{"message":"m"}})"})
        EXPECT_EQ(kind_of(501, body, Effect::none), FailureKind::unsupported) << body;
    EXPECT_EQ(kind_of(501, R"({"error":{"message":"m"}})", Effect::possible), FailureKind::unsupported);
    for (const unsigned status : {404U, 405U})
        for (const char* body : {"", "<html>no</html>", R"({"error":{"message":"m"}})"}) {
            const Failure failure = classify(response(status, body), Effect::none, TimePoint{});
            EXPECT_EQ(of_listing(failure).kind, FailureKind::unsupported) << status << body;
        }
    for (const unsigned status : {400U, 403U, 429U, 500U}) {
        const Failure failure = classify(response(status, envelope("c")), Effect::none, TimePoint{});
        EXPECT_EQ(of_listing(failure).kind, failure.kind) << status;
    }
}

TEST(FailureTest, APageThatFindsACreateTooLargeSaysNothingOfIt) {
    const auto refused = [](std::string body) {
        return classify(response(413, std::move(body)), Effect::possible, TimePoint{});
    };
    EXPECT_EQ(of_creation(refused("<html>")).kind, FailureKind::doubt);
    EXPECT_EQ(of_creation(refused(envelope("x", "too large"))).kind, FailureKind::refused);
}

TEST(FailureTest, WhoeverForbidsACreateInItsOwnNameSaysNothingOfIt) {
    const auto refused = [](std::string body) {
        return of_creation(classify(response(403, std::move(body)), Effect::possible, TimePoint{}));
    };
    EXPECT_EQ(refused("Forbidden").kind, FailureKind::doubt);
    EXPECT_EQ(refused("").kind, FailureKind::doubt);
    EXPECT_EQ(refused(envelope("x", "not for you")).kind, FailureKind::unauthorized);
    EXPECT_EQ(refused(envelope("model_not_found")).kind, FailureKind::refused);
}

TEST(FailureTest, AFileThatIsNotReadyMayBeInAMoment) {
    const auto created = [](unsigned status, std::string body) {
        return of_creation(classify(response(status, std::move(body)), Effect::possible, TimePoint{}));
    };
    for (const unsigned status : {400U, 409U, 422U, 425U})
        for (const char* message : {"File is still being processed", "The file file-1 is not ready yet.",
                                    "File status is pending", "Input file has not been processed",
                                    "Cannot find file file-1, or project p does not have access to it."}) {
            const Failure failure = created(status, envelope("x", message));
            EXPECT_EQ(failure.kind, FailureKind::not_found) << status << message;
            EXPECT_EQ(failure.code, "file_not_visible") << status << message;
        }
    EXPECT_EQ(created(409, envelope("conflict")).kind, FailureKind::conflict);
    EXPECT_EQ(created(423, envelope("locked")).kind, FailureKind::conflict);
    EXPECT_EQ(created(400, envelope("x", "This file type is not yet supported")).kind, FailureKind::refused);
    EXPECT_EQ(created(400, envelope("x", "The endpoint is pending")).kind, FailureKind::refused);
    EXPECT_EQ(created(400, envelope("insufficient_quota", "A pending file")).kind, FailureKind::quota);
    EXPECT_EQ(created(400, "<html>file is pending</html>").kind, FailureKind::doubt);
}

TEST(FailureTest, TellsLimitsOfRateQuotaAndTokensApart) {
    EXPECT_EQ(kind_of(429, envelope("rate_limit_exceeded")), FailureKind::rate_limited);
    EXPECT_EQ(kind_of(429, ""), FailureKind::rate_limited);
    EXPECT_EQ(kind_of(429, envelope("insufficient_quota")), FailureKind::quota);
    EXPECT_EQ(kind_of(429, envelope("", "You exceeded your current quota, please check your plan")),
              FailureKind::quota);
    EXPECT_EQ(kind_of(400, envelope("billing_hard_limit_reached")), FailureKind::quota);
    EXPECT_EQ(kind_of(402, ""), FailureKind::quota);
    EXPECT_EQ(kind_of(400, envelope("token_limit_exceeded"), Effect::possible), FailureKind::token_limit);
    EXPECT_EQ(kind_of(429, envelope("", "Enqueued token limit reached for gpt-4o-mini")),
              FailureKind::token_limit);
}

TEST(FailureTest, WhatIsNotThereMayOnlyNotBeThereYet) {
    EXPECT_EQ(kind_of(404, envelope("")), FailureKind::not_found);
    EXPECT_EQ(kind_of(410, ""), FailureKind::not_found);
    EXPECT_EQ(kind_of(409, envelope("")), FailureKind::conflict);
    EXPECT_EQ(kind_of(404, "<html>404</html>"), FailureKind::not_found)
        << "whose words they are is told apart";
}

TEST(FailureTest, ARefusalThatTheServerTakesBackIsNone) {
    const auto refused = response(400, envelope("x"), {{"x-should-retry", "true"}});
    EXPECT_EQ(classify(refused, Effect::none, TimePoint{}).kind, FailureKind::unavailable);
    EXPECT_EQ(classify(refused, Effect::possible, TimePoint{}).kind, FailureKind::doubt);
}

TEST(FailureTest, KeepsWhatTheServerAskedUsToWait) {
    const auto wait = [](std::vector<http::Header> headers) {
        return classify(response(429, "", std::move(headers)), Effect::none, TimePoint(784'111'777s))
            .retry_after;
    };
    EXPECT_EQ(wait({}), std::nullopt);
    EXPECT_EQ(wait({{"retry-after", "20"}}), 20s);
    EXPECT_EQ(wait({{"retry-after", "20"}, {"retry-after-ms", "700"}}), 700ms);
    EXPECT_EQ(wait({{"retry-after", "20"}, {"retry-after-ms", "soon"}}), 20s);
    EXPECT_EQ(wait({{"retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"}}), 60s);
    // By the server's own clock, not by ours.
    EXPECT_EQ(
        wait({{"retry-after", "Sun, 06 Nov 2022 08:50:37 GMT"}, {"date", "Sun, 06 Nov 2022 08:50:07 GMT"}}),
        30s);
}

TEST(FailureTest, ShowsWhatProxiesSay) {
    const auto message = [](std::string body) {
        return classify(response(502, std::move(body)), Effect::none, TimePoint{}).message;
    };
    EXPECT_EQ(message("<html><head><title>502 Bad Gateway</title></head><body>…"), "502 Bad Gateway");
    EXPECT_EQ(message("upstream connect error"), "upstream connect error");
    EXPECT_EQ(message(R"({"error":"overloaded"})"), "overloaded");
    EXPECT_EQ(message(R"({"detail":"overloaded"})"), "overloaded");
    EXPECT_EQ(message(""), "(no text)");
}

TEST(FailureTest, AGoodStatusWithTheWrongThingInItIsADoubt) {
    const auto portal = response(200, "<title>Login to WiFi</title>");
    EXPECT_EQ(unusable(portal, Effect::possible, "a batch object").kind, FailureKind::doubt);
    EXPECT_EQ(unusable(portal, Effect::none, "a batch object").kind, FailureKind::unavailable);
    EXPECT_EQ(unusable(portal, Effect::none, "a batch object").message,
              "the answer is not a batch object: Login to WiFi");
}

TEST(FailureTest, TextsAreSafeToShow) {
    EXPECT_EQ(safe_text("a\x1b[31m\nb\xFF", ""), "a\\x1b[31m\\x0ab\\xff");
    EXPECT_EQ(safe_text(std::string(10'000, 'x'), "").size(), 2048U);
    const std::string cut = safe_text(std::string(2044, 'x') + "\xC3\xA4\xC3\xA4\xC3\xA4", "");
    EXPECT_EQ(cut, std::string(2044, 'x') + "...");
}

TEST(FailureTest, NoTextHoldsAKey) {
    EXPECT_EQ(safe_text("the key my-own-key-123 is wrong", "my-own-key-123"), "the key [redacted] is wrong");
    EXPECT_EQ(safe_text("provided: sk-proj-abc_D****9Z. You", "other-key"), "provided: [redacted]. You");
    EXPECT_EQ(safe_text("gsk_abc and eyJhbGci.eyJhdWQi.c2ln.", ""), "[redacted] and [redacted].");
    EXPECT_EQ(safe_text("task-1 and risk-2 stay", ""), "task-1 and risk-2 stay");
    // Wherever it stands, nothing of it is left at the border.
    const std::string key = "0123456789abcdef0123456789abcdef01234567";
    for (const std::size_t before : {2010U, 2018U, 2040U, 2047U, 2048U})
        for (const char* form :
             {R"({"error":{"message":"%"}})", R"({"error":"%"})", R"({"detail":["%"]})", "%"}) {
            std::string body = form;
            body.replace(body.find('%'), 1, std::string(before, 'x') + " " + key);
            const Failure cut = safe(classify(response(401, body), Effect::none, TimePoint{}), key);
            EXPECT_EQ(cut.message.find("0123"), std::string::npos) << before << form;
            EXPECT_LE(cut.message.size(), 2048U);
        }
    Failure failure;
    failure.code = "my-own-key-123";
    failure.param = "sk-123456";
    failure.message = "my-own-key-123";
    failure = safe(failure, "my-own-key-123");
    EXPECT_EQ(failure.code + failure.param + failure.message, "[redacted][redacted][redacted]");
}

}  // namespace
}  // namespace batchd::provider
