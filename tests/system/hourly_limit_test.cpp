// A provider that lets an account make so many batches in an hour, and no more.

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

class HourlyLimitTest : public SystemTest {
protected:
    /// A file of one request, whose id is its name.
    void drop_single(const std::string& name) { bench.drop(name, file_of({chat_line(name)})); }
    void drop_singles(unsigned first, unsigned last) {
        for (unsigned i = first; i <= last; ++i) drop_single("single_" + std::to_string(i));
    }
    void expect_all_answered(unsigned count) {
        EXPECT_EQ(bench.database().count("jobs WHERE state = 'done'"), count);
        for (unsigned i = 1; i <= count; ++i) {
            const std::string name = "single_" + std::to_string(i);
            EXPECT_EQ(bench.published(name).output_ids(), std::vector<std::string>{name});
        }
    }
    std::uint64_t batches_made() { return bench.report().at("batches").as_array().size(); }
};

TEST_F(HourlyLimitTest, SingleFilesBeyondTheLimitWaitTheirTurnAndAreAllAnswered) {
    bench.provider().change_settings(R"({"batches_per_hour":20})");
    bench.set("batch.share", "false");
    drop_singles(1, 45);
    bench.start();
    for (const unsigned made : {20U, 40U}) {
        // What was made is polled, fetched and delivered while no more can be made.
        ASSERT_TRUE(bench.wait_for_jobs(made));
        ASSERT_TRUE(bench.wait_until(
            [&] { return bench.database().count("conditions WHERE kind = 'provider_closed'") == 1; }));
        EXPECT_EQ(batches_made(), made);
        EXPECT_EQ(bench.database().count("jobs WHERE state = 'done'"), made);
        bench.provider().advance_clock(1h);
    }
    ASSERT_TRUE(bench.wait_for_jobs(45));
    EXPECT_TRUE(bench.database().has_event("provider_closed", "batches per hour: Limit 20"));
    EXPECT_EQ(batches_made(), 45U);
    expect_all_answered(45);
}

TEST_F(HourlyLimitTest, APauseThatIsNamedIsKeptAndWhatPilesUpGoesTogether) {
    bench.provider().change_settings(R"({"batches_per_hour":1,"batches_wait":"retry-after"})");
    bench.start();
    drop_single("single_1");
    ASSERT_TRUE(bench.wait_for_jobs(1));
    drop_single("single_2");
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "asks us to wait"));
    const std::uint64_t asked = bench.requests_to("POST /v1/batches");
    drop_singles(3, 12);
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'job_planned'") == 12; }));
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), asked) << "nobody asks before the time that was named";

    bench.provider().advance_clock(1h);
    bench.provider().change_settings(R"({"batches_per_hour":20})");
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(12));
    expect_all_answered(12);
    EXPECT_LE(batches_made(), 4U) << "the second, which was on its way, and the others as one or two";
}

}  // namespace
}  // namespace batchd::testing
