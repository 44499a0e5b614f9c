#include "engine/watch/sighting.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using provider::ValidationError;

ValidationError read_back(const ValidationError& error) {
    provider::BatchObject object;
    object.errors = {error, {.code = "another", .message = "…"}};
    return recorded_error(sighting_of(object).error);
}

TEST(SightingTest, TheFirstReasonIsReadBackAsItWasPutOnRecord) {
    const std::vector<ValidationError> all = {
        {.code = "server_error", .message = "The server had an error: try again."},
        {.code = "invalid_url", .message = "Line: 4: no url", .line = 4},
        {.code = "InternalServerError"},
        {.message = "Cannot find file file-1"},
        {.message = "Your request is wrong: it has no url"},
        {.message = "no url", .line = 7}};
    for (const ValidationError& error : all) {
        const ValidationError read = read_back(error);
        EXPECT_EQ(read.code, error.code) << error.message;
        EXPECT_EQ(read.message, error.message) << error.code;
        EXPECT_EQ(read.line, error.line) << error.message;
    }
}

TEST(SightingTest, WhereNothingWentWrongNothingIsOnRecord) {
    EXPECT_EQ(sighting_of({}).error, "");
}

}  // namespace
}  // namespace batchd::engine
