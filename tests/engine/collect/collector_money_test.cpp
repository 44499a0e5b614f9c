#include "engine/collector_fixture.hpp"
#include "store/query/spending.hpp"

namespace batchd::engine {
namespace {

using store::SpendingBy;
using testing::error_row;
using testing::result_row;

std::string answer(std::string_view id, const std::string& body, unsigned status_code = 200) {
    return R"({"custom_id":")" + std::string(id) + R"(","response":{"status_code":)" +
           std::to_string(status_code) + R"(,"body":)" + body + R"(},"error":null})";
}

/// The model "m" has a price, and batches cost half of it: 1 and 2 microdollars a token.
struct CollectorMoneyTest : CollectorTest {
    CollectorMoneyTest() { set_price("2e-6"); }
    void set_price(const std::string& input) {
        settings.prices.models["m"] = {{"input_cost_per_token", input}, {"output_cost_per_token", "4e-6"}};
    }
    std::int64_t total(SpendingBy by) {
        std::int64_t sum = 0;
        for (const auto& each : store::spending(store->database, by, TimePoint{}).value())
            sum += each.spent.cost.value_or(0);
        return sum;
    }
};

TEST_F(CollectorMoneyTest, ReckonsWhatTheAnswersCostAndKeepsThePrice) {
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    start();
    EXPECT_EQ(row(batch).spent.cost, 3 * (3 * 1'000 + 2 * 2'000));
    EXPECT_EQ(row(batch).spent.cost_sync, 42'000);
    EXPECT_EQ(row(batch).spent.unpriced, 0U);
    EXPECT_NE(row(batch).prices.find(R"("tier":"batch","input":"0.000001")"), std::string::npos);
    EXPECT_EQ(job().spent.cost, 21'000);
    EXPECT_EQ(job().spent.cost_sync, 42'000);
    EXPECT_EQ(count_events(EventKind::usage_differs), 0U);
}

TEST_F(CollectorMoneyTest, PricesEachAnswerByItsOwnModelAndTierAndFailedOnesByWhatTheyUsed) {
    end({.output = {answer("x", R"({"model":"m","service_tier":"default","usage":{"prompt_tokens":10,)"
                                R"("prompt_tokens_details":{"cached_tokens":4}}})"),
                    answer("y", R"({"model":"unheard-of","usage":{"prompt_tokens":10}})"),
                    answer("z",
                           R"({"error":{"code":"content_filter"},"usage":{"prompt_tokens":5,)"
                           R"("completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":1}}})",
                           400)}});
    start();
    EXPECT_EQ(job().spent.cost, 10'000 + 5'000 + 4'000);
    EXPECT_EQ(job().spent.unpriced, 1U);
    EXPECT_EQ(job().spent.cached_tokens, 4U);
    EXPECT_EQ(job().spent.reasoning_tokens, 1U);
    EXPECT_EQ(job().input_tokens, 25U);
    EXPECT_EQ(job().failed, 1U);
}

TEST_F(CollectorMoneyTest, LeavesUnknownWhatNobodyKnows) {
    settings.prices.models.clear();
    end({.output = {result_row("x"), result_row("y"), answer("z", R"({"id":"without usage"})")}});
    start();
    EXPECT_EQ(job().spent.cost, std::nullopt);
    EXPECT_EQ(job().spent.cost_sync, std::nullopt);
    EXPECT_EQ(job().spent.unpriced, 3U);
    EXPECT_EQ(row(batch).prices, "");
}

TEST_F(CollectorMoneyTest, RequestsThatDidNotRunCostNothing) {
    end({.status = "failed", .refusals = {{.code = "model_not_found", .message = "no such model"}}});
    start();
    ASSERT_TRUE(collected());
    EXPECT_EQ(job().spent.cost, 0);
    EXPECT_EQ(job().spent.unpriced, 0U);
}

TEST_F(CollectorMoneyTest, APriceThatChangesTomorrowChangesNoYesterday) {
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    start();
    const auto before = row(batch).spent.cost;
    set_price("8e-6");
    const store::Batch later = add_planned("b", {"u"});
    put_in_flight(later);
    provider.finish("batch_2", {.output = {result_row("u")}});
    const auto& object = provider.batch("batch_2");
    ASSERT_TRUE(store->batches.record_end(
        later.id, {.status = "completed", .completed = 1, .output_file_id = object.output_file_id},
        clock.now()));
    own_wakes.collector.raise();
    settle();
    EXPECT_EQ(row(later).spent.cost, 3 * 4'000 + 2 * 2'000);
    EXPECT_EQ(row(batch).spent.cost, before);
    for (const SpendingBy by : {SpendingBy::day, SpendingBy::model, SpendingBy::queue, SpendingBy::job})
        EXPECT_EQ(total(by), 21'000 + 16'000);
}

TEST_F(CollectorMoneyTest, SaysWhereTheProviderCountsOtherTokens) {
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    ASSERT_TRUE(store->batches.record_sighting(batch.id,
                                               {.status = "completed",
                                                .completed = 3,
                                                .output_file_id = provider.batch("batch_1").output_file_id,
                                                .usage = money::to_json({.input = 9, .output = 7})},
                                               clock.now()));
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(detail_of_last(EventKind::usage_differs), "the answers have 6 output tokens, the batch says 7");
}

TEST_F(CollectorMoneyTest, GoesOnWithThePricesThatItHadWhenTheFileIsBroken) {
    settings.prices.models.clear();
    settings.prices.file =
        dir.write("prices.json", R"({"m":{"input_cost_per_token":2e-6,"output_cost_per_token":4e-6}})");
    prices.look({settings.prices.file, {}});
    dir.write("prices.json", R"({"m":{"input_cost_per_token":2e-6,)");
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    start();
    EXPECT_EQ(job().spent.cost, 21'000);
    EXPECT_EQ(count_events(EventKind::prices), 1U);
}

}  // namespace
}  // namespace batchd::engine
