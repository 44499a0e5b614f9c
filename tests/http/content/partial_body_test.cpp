#include "http/content/partial_body.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

Response with(const std::vector<Header>& headers) {
    Response response;
    response.headers = headers;
    return response;
}

TEST(PartialBodyTest, AsksForTheRestOfTheVerySame) {
    PartialBody body(with({{"etag", "\"v1\""}}), 200);
    const auto headers = body.headers_after(100);
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers[0].name + ": " + headers[0].value, "Range: bytes=100-");
    EXPECT_EQ(headers[1].name + ": " + headers[1].value, "If-Range: \"v1\"");
}

TEST(PartialBodyTest, GoesOnWithTheRightRangeOfTheSameSizeAndTag) {
    PartialBody body(with({{"etag", "\"v1\""}}), 200);
    EXPECT_TRUE(body.goes_on(with({{"content-range", "bytes 100-199/200"}, {"etag", "\"v1\""}}), 100));
    for (const auto* range :
         {"bytes 99-199/200", "bytes 101-199/200", "bytes 100-198/200", "bytes 100-200/201",
          "bytes 100-199/*", "bytes */200", "items 100-199/200", "bytes 100-199/200x", ""})
        EXPECT_FALSE(body.goes_on(with({{"content-range", range}, {"etag", "\"v1\""}}), 100)) << range;
    EXPECT_FALSE(body.goes_on(with({{"content-range", "bytes 100-199/200"}, {"etag", "\"v2\""}}), 100));
    EXPECT_FALSE(body.goes_on(with({{"content-range", "bytes 100-199/200"}}), 100));
}

TEST(PartialBodyTest, WithoutATagTheSizeMustAgree) {
    PartialBody body(with({{"etag", "W/\"weak\""}}), 200);
    EXPECT_TRUE(body.can_go_on());
    EXPECT_EQ(body.headers_after(1).size(), 1U) << "a weak tag proves nothing";
    EXPECT_TRUE(body.goes_on(with({{"content-range", "bytes 100-199/200"}}), 100));
    EXPECT_FALSE(body.goes_on(with({{"content-range", "bytes 100-299/300"}}), 100));
}

TEST(PartialBodyTest, WithoutASizeTheTagMustAgreeAndTheSizeIsLearnt) {
    PartialBody body(with({{"etag", "\"v1\""}}), std::nullopt);
    EXPECT_TRUE(body.can_go_on());
    EXPECT_TRUE(body.goes_on(with({{"content-range", "bytes 100-199/200"}, {"etag", "\"v1\""}}), 100));
    EXPECT_EQ(body.total(), 200U);
}

TEST(PartialBodyTest, CannotGoOnWhereNothingProvesThatItIsTheSame) {
    EXPECT_FALSE(PartialBody(with({}), std::nullopt).can_go_on());
}

}  // namespace
}  // namespace batchd::http
