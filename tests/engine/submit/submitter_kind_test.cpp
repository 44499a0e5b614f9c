// Of batches that may go as one, what keeps one of them is no matter of the others.

#include "engine/submitter_fixture.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;

struct SubmitterKindTest : SubmitterFixture {
    store::Batch add_of_kind(const std::string& name) {
        const store::Batch batch = add_planned(name, {"x"});
        store->database.run("UPDATE batches SET share = 'kind' WHERE id = ?", batch.id).value();
        own_wakes.submitter.raise();
        return batch;
    }
    void lose_rows(const store::Batch& of) {
        jsonl::remove_row_file(
            layout.shard_file(job(of.job_id).key, {of.shard, of.attempt}, spool::ShardFile::prepared))
            .value();
    }
    /// Of the batch that has the job's requests now.
    std::string phase_of(const store::Batch& own) {
        return store->database
            .query_value<std::string>(
                "SELECT b.phase FROM parts p JOIN batches b ON b.id = p.batch WHERE p.job_id = ?", own.job_id)
            .value();
    }
    bool are_sent(const std::vector<store::Batch>& batches) {
        return std::all_of(batches.begin(), batches.end(),
                           [&](const store::Batch& one) { return phase_of(one) == "watching"; });
    }
    bool are_sent_soon(const std::vector<store::Batch>& batches) {
        return eventually([&] { return are_sent(batches); }, 1h);
    }
    void start_while_the_provider_is_away() {
        provider.fail_always(Call::upload, testing::failure(FailureKind::unavailable));
        start();
    }
};

TEST_F(SubmitterKindTest, WhatCanNotBeReadHoldsUpNothingThatComesBehindIt) {
    start_while_the_provider_is_away();
    const auto lost = add_of_kind("lost");
    advance(1s);
    ASSERT_GT(provider.count(Call::upload), 0U);
    lose_rows(lost);
    provider.clear_failures();
    const auto first = add_of_kind("first");
    const auto second = add_of_kind("second");
    EXPECT_TRUE(are_sent_soon({first, second}));
    EXPECT_EQ(phase_of(lost), "planned");
    EXPECT_EQ(row(lost).share, "") << "it would be chosen again, before all others";
}

TEST_F(SubmitterKindTest, OfThoseThatGoAsOneTheUnreadableIsLeftOut) {
    start_while_the_provider_is_away();
    const auto alone = add_of_kind("alone");
    advance(1s);
    const auto first = add_of_kind("first");
    const auto lost = add_of_kind("lost");
    const auto last = add_of_kind("last");
    lose_rows(lost);
    provider.clear_failures();
    ASSERT_TRUE(are_sent_soon({alone, first, last}));
    EXPECT_EQ(provider.count(Call::create), 2U) << "the two that can be read have gone as one";
    EXPECT_EQ(phase_of(lost), "planned");
}

TEST_F(SubmitterKindTest, NorDoesItHoldThemUpWhereItStandsForTheOthers) {
    start_while_the_provider_is_away();
    const auto alone = add_of_kind("alone");
    advance(1s);
    const auto lost = add_of_kind("lost");
    const auto first = add_of_kind("first");
    const auto last = add_of_kind("last");
    lose_rows(lost);
    provider.clear_failures();
    ASSERT_TRUE(are_sent_soon({alone, first, last}));
    EXPECT_EQ(phase_of(lost), "planned");
}

TEST_F(SubmitterKindTest, WhoseTermsCantBeReadHoldsUpNoOther) {
    const auto held = add_of_kind("held");
    store->database.run("UPDATE jobs SET terms = '{\"queue\": 7}'").value();
    start();
    const auto other = add_of_kind("other");
    EXPECT_TRUE(are_sent_soon({other}));
    EXPECT_EQ(phase_of(held), "planned");
}

TEST_F(SubmitterKindTest, WhoseUploadsComeToNothingAgainAndAgainLetsOthersGo) {
    for (unsigned nth = 1; nth <= 3; ++nth)
        provider.fail(Call::upload, nth, testing::failure(FailureKind::doubt));
    const auto unlucky = add_of_kind("unlucky");
    start();
    const auto other = add_of_kind("other");
    ASSERT_TRUE(are_sent_soon({other}));
    EXPECT_EQ(phase_of(unlucky), "planned") << "its turn comes after a longer pause";
    EXPECT_TRUE(are_sent_soon({unlucky}));
}

}  // namespace
}  // namespace batchd::engine
