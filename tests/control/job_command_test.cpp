#include "control/job_command.hpp"

#include <gtest/gtest.h>

namespace batchd::control {
namespace {

TEST(JobCommandTest, ReadsThePathOfEachCommand) {
    for (const store::Verb verb : {store::Verb::cancel, store::Verb::retry, store::Verb::abandon,
                                   store::Verb::adopt, store::Verb::resend}) {
        const JobCommand command{verb, store::JobId{12}};
        EXPECT_EQ(parse_job_command(job_command_path(command)), command);
    }
    EXPECT_EQ(job_command_path({store::Verb::cancel, store::JobId{12}}), "/v1/jobs/12/cancel");
}

TEST(JobCommandTest, AnyOtherPathIsNone) {
    for (const char* path :
         {"", "/", "/v1/jobs", "/v1/jobs/", "/v1/jobs//cancel", "/v1/jobs/12", "/v1/jobs/12/",
          "/v1/jobs/12/fly", "/v1/jobs/12/cancel/", "/v1/jobs/12x/cancel", "/v1/jobs/-1/cancel",
          "/v1/jobs/+1/cancel", "/v1/jobs/ 1/cancel", "/v1/jobs/99999999999999999999/cancel",
          "/v2/jobs/12/cancel", "v1/jobs/12/cancel", "/v1/jobs/12%2Fcancel", "/v1/jobs/12/CANCEL",
          "/v1/jobs/../jobs/12/cancel"})
        EXPECT_FALSE(parse_job_command(path)) << path;
}

TEST(JobCommandTest, ABatchIdIsATextThatSomebodyGives) {
    EXPECT_EQ(parse_batch_id(R"({"batch_id": "batch_1"})"), "batch_1");
    EXPECT_EQ(parse_batch_id(R"({"why": 1, "batch_id": "b"})"), "b");
    for (const std::string& body :
         {std::string(), std::string("batch_1"), std::string("[]"), std::string("{}"),
          std::string(R"({"batch_id": ""})"), std::string(R"({"batch_id": 7})"),
          std::string(R"({"batch_id": null})"), std::string(R"({"batch_id": "a")"),
          R"({"batch_id": ")" + std::string(600, 'x') + R"("})", std::string(10'000, '[')})
        EXPECT_FALSE(parse_batch_id(body)) << body.substr(0, 40);
}

}  // namespace
}  // namespace batchd::control
