#include "hooks/hook_environment.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace batchd::hooks {
namespace {

std::vector<std::string> environment(const char* event) {
    HookNotice notice;
    notice.type = "done";
    notice.event = boost::json::parse(event).as_object();
    return hook_environment(notice);
}

bool has(const std::vector<std::string>& all, const std::string& variable) {
    return std::find(all.begin(), all.end(), variable) != all.end();
}

TEST(HookEnvironmentTest, HasTheMainThingsOfTheJob) {
    const auto all =
        environment(R"({"text":"3 answered","job":{"id":12,"name":"a b","queue":"nightly","state":"done",)"
                    R"("folder":"/outbox/a b","requests":3,"succeeded":3,"failed":0,"reason":null}})");
    for (const char* const variable :
         {"BATCHD_EVENT=done", "BATCHD_TEXT=3 answered", "BATCHD_JOB=12", "BATCHD_NAME=a b",
          "BATCHD_QUEUE=nightly", "BATCHD_STATE=done", "BATCHD_FOLDER=/outbox/a b", "BATCHD_REQUESTS=3",
          "BATCHD_FAILED=0", "BATCHD_REASON="})
        EXPECT_TRUE(has(all, variable)) << variable;
}

TEST(HookEnvironmentTest, WithoutAJobItsVariablesAreEmpty) {
    EXPECT_TRUE(has(environment(R"({"text":"","job":null})"), "BATCHD_JOB="));
}

TEST(HookEnvironmentTest, NothingInANameEndsItsVariable) {
    EXPECT_TRUE(has(environment(R"({"job":{"name":"a\u0000LD_PRELOAD=x"}})"), "BATCHD_NAME=aLD_PRELOAD=x"));
}

}  // namespace
}  // namespace batchd::hooks
