#pragma once

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {

/// A test with an ended job of which some requests failed for good.
class FailedRequestsTest : public SystemTest {
protected:
    /// The job `articles`, with article_2 and article_4 failed. From here on all requests are answered.
    void end_with_failures() {
        bench.provider().change_settings(
            R"({"rows":[{"match":"article_2","status":400},{"match":"article_4","status":400}]})");
        bench.drop("articles", articles(5));
        EXPECT_EQ(bench.run_once(), 0);
        bench.provider().change_settings(R"({"rows":[]})");
    }
};

}  // namespace batchd::testing
