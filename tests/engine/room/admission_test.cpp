#include "engine/room/admission.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

struct AdmissionTest : ::testing::Test {
    std::map<std::string, std::uint64_t> limits{{"m", 100}};
    Admission admission;

    bool admit(std::int64_t row, std::uint64_t tokens, std::uint64_t enqueued = 0,
               const std::string& model = "m") {
        const auto limit = limits.find(model);
        return admission.admit(
            {.row = row,
             .model = model,
             .tokens = tokens,
             .enqueued = enqueued,
             .limit = limit == limits.end() ? std::nullopt : std::optional(limit->second)});
    }
};

TEST_F(AdmissionTest, FillsTheLimitToItsLastToken) {
    EXPECT_TRUE(admit(1, 99, 1));
    admission.let_go(1);
    EXPECT_TRUE(admit(1, 98, 1));
    admission.let_go(1);
    EXPECT_FALSE(admit(1, 100, 1));
}

TEST_F(AdmissionTest, CountsWhatIsOnItsWay) {
    EXPECT_TRUE(admit(1, 60));
    EXPECT_FALSE(admit(2, 41));
    EXPECT_TRUE(admit(3, 40));
    EXPECT_FALSE(admit(4, 1));
}

TEST_F(AdmissionTest, CountsARowOnce) {
    EXPECT_TRUE(admit(1, 60));
    EXPECT_TRUE(admit(1, 60));
    EXPECT_TRUE(admit(2, 40));
}

TEST_F(AdmissionTest, HasRoomAgainOnceARowIsLetGo) {
    EXPECT_TRUE(admit(1, 60));
    EXPECT_FALSE(admit(2, 60));
    admission.let_go(1);
    EXPECT_TRUE(admit(2, 60));
}

TEST_F(AdmissionTest, LetsABatchAboveTheLimitGoAlone) {
    EXPECT_FALSE(admit(1, 101, 1));
    EXPECT_TRUE(admit(1, 101, 0));
    EXPECT_FALSE(admit(2, 1, 0)) << "nothing else beside it";
}

TEST_F(AdmissionTest, DoesNotCountARowThatWasTurnedAway) {
    EXPECT_TRUE(admit(1, 60));
    EXPECT_FALSE(admit(2, 50));
    EXPECT_TRUE(admit(3, 40));
}

TEST_F(AdmissionTest, CountsEachModelForItself) {
    limits["n"] = 10;
    EXPECT_TRUE(admit(1, 100));
    EXPECT_TRUE(admit(2, 10, 0, "n"));
    EXPECT_FALSE(admit(3, 1, 0, "n"));
}

TEST_F(AdmissionTest, LetsEverythingGoWhereThereIsNoLimit) {
    for (std::int64_t row = 1; row <= 100; ++row) EXPECT_TRUE(admit(row, 1'000'000, 1'000'000, "free"));
}

}  // namespace
}  // namespace batchd::engine
