// The first calls of a path are answered with something that is no answer.
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class TransportStormTest : public LyingTableTest {};

TEST_P(TransportStormTest, IsRiddenOutAndNothingIsPaidTwice) {
    make(GetParam());
    run_jobs(3, 20);
    for (const char* name : {"job-1", "job-2", "job-3"}) expect_answered(name, 20);
    EXPECT_EQ(batches_at_provider(), 3U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

TEST_P(TransportStormTest, OfFilesThatShareABatchIsRiddenOutAsWell) {
    bench.set("batch.share", "true");
    make(GetParam());
    run_jobs(3, 20);
    for (const char* name : {"job-1", "job-2", "job-3"}) expect_answered(name, 20);
    EXPECT_LE(batches_at_provider(), 3U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

/// Three calls of `routes` that take effect and are answered like this.
Trouble storm(const std::string& name, const std::string& routes, const std::string& answer) {
    return {.name = name, .faults = {R"({"times":3,"route":)" + routes + "," + answer + "}"}};
}

constexpr const char* kOnUpload = R"("POST /v1/files")";
constexpr const char* kOnCreate = R"("POST /v1/batches")";
constexpr const char* kOnPoll = R"(["GET /v1/batches/*","GET /v1/batches"])";
constexpr const char* kOnContent = R"("GET /v1/files/*/content")";
constexpr const char* kOnDelete = R"("DELETE /v1/files/*")";
constexpr const char* kAsEmpty = R"("action":"status_after","status":200,"body":"")";
constexpr const char* kAsPage = R"("action":"status_after","status":200,"body":"<html>Welcome</html>")";
constexpr const char* kAsShort = R"("action":"half")";
constexpr const char* kAsNoise = R"("action":"garbage_body")";
constexpr const char* kAsText = R"("action":"status_after","status":200,"body":"\"ok\"")";

INSTANTIATE_TEST_SUITE_P(
    EachPath, TransportStormTest,
    ::testing::Values(storm("UploadEmpty", kOnUpload, kAsEmpty), storm("UploadPage", kOnUpload, kAsPage),
                      storm("UploadShort", kOnUpload, kAsShort), storm("UploadNoise", kOnUpload, kAsNoise),
                      storm("UploadText", kOnUpload, kAsText), storm("CreateEmpty", kOnCreate, kAsEmpty),
                      storm("CreatePage", kOnCreate, kAsPage), storm("CreateShort", kOnCreate, kAsShort),
                      storm("CreateNoise", kOnCreate, kAsNoise), storm("CreateText", kOnCreate, kAsText),
                      storm("PollEmpty", kOnPoll, kAsEmpty), storm("PollPage", kOnPoll, kAsPage),
                      storm("PollShort", kOnPoll, kAsShort), storm("PollNoise", kOnPoll, kAsNoise),
                      storm("ContentEmpty", kOnContent, kAsEmpty), storm("ContentPage", kOnContent, kAsPage),
                      storm("ContentShort", kOnContent, kAsShort),
                      storm("ContentNoise", kOnContent, kAsNoise), storm("ContentText", kOnContent, kAsText),
                      storm("DeletePage", kOnDelete, kAsPage)),
    name_of);

}  // namespace
}  // namespace batchd::testing
