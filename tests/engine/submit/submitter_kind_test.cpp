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
    /// Behind one that is on its way alone, these come to wait as one, and `unreadable` of them can't be
    /// read. Expects that all others are sent; answers that one.
    store::Batch send_all_but(const std::string& unreadable, const std::vector<std::string>& names) {
        start_while_the_provider_is_away();
        std::vector<store::Batch> others{add_of_kind("alone")};
        advance(1s);
        store::Batch lost;
        for (const std::string& name : names) {
            const store::Batch batch = add_of_kind(name);
            if (name == unreadable)
                lost = batch;
            else
                others.push_back(batch);
        }
        lose_rows(lost);
        provider.clear_failures();
        EXPECT_TRUE(are_sent_soon(others));
        return lost;
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

TEST_F(SubmitterKindTest, WhatIsAlwaysRefusedHoldsUpNothingThatComesBehindIt) {
    for (const FailureKind kind : {FailureKind::rate_limited, FailureKind::quota}) {
        provider.fail_always(Call::upload, testing::failure(kind));
        const std::string word(provider::to_string(kind));
        const auto refused = add_of_kind("refused " + word);
        start_again();
        EXPECT_TRUE(eventually([&] { return row(refused).share.empty(); }, 1h)) << word;
        provider.clear_failures();
        EXPECT_TRUE(are_sent_soon({refused, add_of_kind("behind " + word)})) << word;
    }
}

TEST_F(SubmitterKindTest, OfThoseThatGoAsOneTheUnreadableIsLeftOut) {
    EXPECT_EQ(phase_of(send_all_but("lost", {"first", "lost", "last"})), "planned");
    EXPECT_EQ(provider.count(Call::create), 2U) << "the two that can be read have gone as one";
}

TEST_F(SubmitterKindTest, NorDoesItHoldThemUpWhereItStandsForTheOthers) {
    EXPECT_EQ(phase_of(send_all_but("lost", {"lost", "first", "last"})), "planned");
}

}  // namespace
}  // namespace batchd::engine
