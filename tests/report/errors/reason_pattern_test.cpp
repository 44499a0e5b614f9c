#include "report/errors/reason_pattern.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

struct Case {
    const char* message;
    const char* pattern;
};

TEST(ReasonPatternTest, KeepsWhatEveryRequestIsTold) {
    for (const auto& [message, pattern] :
         {Case{"", ""}, Case{"no digits here, at all.", "no digits here, at all."},
          Case{"The model `gpt-9` does not exist", "The model `gpt-9` does not exist"},
          Case{"gpt-4o-mini-2024-07-18 has no batch", "gpt-4o-mini-2024-07-18 has no batch"},
          Case{"Limit 128000, used 130,912.", "Limit #, used #."},
          Case{"try again in 1.5 s at 10:30", "try again in # s at #"},
          Case{"request req_8f3a0c11d2e94b7a failed", "request # failed"},
          Case{"job 6f9619ff-8b86-d011-b42d-00cf4fc964ff: no", "job #: no"},
          Case{"top_logprobs2 is unknown", "top_logprobs2 is unknown"}, Case{"-", "-"}, Case{"1", "#"},
          Case{"naïve 7 ☃", "naïve # ☃"}})
        EXPECT_EQ(reason_pattern(message), pattern) << message;
}

}  // namespace
}  // namespace batchd::report
