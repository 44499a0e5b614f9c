#include "sim/create_request.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {
namespace {

Reply<CreateRequest> read(const std::string& text) {
    return read_create_request(boost::json::parse(text), Settings());
}

std::string with(const std::string& more) {
    return R"({"input_file_id":"file-1","endpoint":"/v1/responses","completion_window":"24h")" + more + "}";
}

struct Wrong {
    std::string body;
    std::string code;
    std::string param;
};

struct WrongRequest : ::testing::TestWithParam<Wrong> {};

TEST_P(WrongRequest, IsRefusedWithCodeAndParam) {
    const auto request = read(GetParam().body);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().status, 400U);
    EXPECT_EQ(request.error().code, GetParam().code);
    EXPECT_EQ(request.error().param, GetParam().param);
}

std::string pairs(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
    return R"(,"metadata":{)" + text + "}";
}

std::string expiry(const std::string& value) {
    return with(R"(,"output_expires_after":)" + value);
}

INSTANTIATE_TEST_SUITE_P(
    CreateRequestTest, WrongRequest,
    ::testing::Values(Wrong{"[]", "", ""}, Wrong{"{}", "missing_required_parameter", "input_file_id"},
                      Wrong{R"({"input_file_id":1})", "invalid_type", "input_file_id"},
                      Wrong{R"({"input_file_id":"f","endpoint":"/v1/no"})", "invalid_value", "endpoint"},
                      Wrong{R"({"input_file_id":"f","endpoint":"/v1/responses"})",
                            "missing_required_parameter", "completion_window"},
                      Wrong{R"({"input_file_id":"f","endpoint":"/v1/responses","completion_window":"1h"})",
                            "invalid_value", "completion_window"},
                      Wrong{with(R"(,"colour":1)"), "unknown_parameter", "colour"},
                      Wrong{with(R"(,"metadata":{"tags":[]})"), "invalid_type", "metadata.tags"},
                      Wrong{with(pairs(17)), "object_above_max_properties", "metadata"},
                      Wrong{with(R"(,"metadata":{")" + std::string(65, 'k') + R"(":"v"})"),
                            "string_above_max_length", "metadata"},
                      Wrong{with(R"(,"metadata":{"k":")" + std::string(513, 'v') + R"("})"),
                            "string_above_max_length", "metadata.k"},
                      Wrong{expiry(R"({"anchor":"now","seconds":3600})"), "invalid_value",
                            "output_expires_after.anchor"},
                      Wrong{expiry(R"({"anchor":"created_at"})"), "missing_required_parameter",
                            "output_expires_after.seconds"},
                      Wrong{expiry(R"({"anchor":"created_at","seconds":3599})"), "integer_out_of_range",
                            "output_expires_after.seconds"}));

TEST(CreateRequestTest, TakesWhatIsJustAllowed) {
    const std::string metadata =
        R"(,"metadata":{")" + std::string(64, 'k') + R"(":")" + std::string(512, 'v') + R"("})";
    EXPECT_TRUE(read(with(metadata)));
    EXPECT_TRUE(read(with(pairs(16))));
    EXPECT_TRUE(read(with(R"(,"metadata":null)")));
    EXPECT_EQ(read(expiry(R"({"anchor":"created_at","seconds":2592000})"))->output_expires_seconds, 2592000);
}

TEST(CreateRequestTest, CountsCharactersOfMetadataNotBytes) {
    std::string value;
    for (int i = 0; i < 512; ++i) value += "\xc3\xa4";
    EXPECT_TRUE(read(with(R"(,"metadata":{"k":")" + value + R"("})")));
}

}  // namespace
}  // namespace batchd::sim
