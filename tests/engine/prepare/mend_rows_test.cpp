#include "engine/prepare/mend_rows.hpp"

#include <gtest/gtest.h>

#include "engine/plan/plan.hpp"
#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using spool::ShardFile;

/// A job of three requests in two shards, planned.
struct MendRowsTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path()};
    config::Settings settings;
    store::Job job;
    store::Batch batch;

    MendRowsTest() {
        job.key = "00000000-0000-4000-8000-000000000001";
        settings.batch.max_requests = 2;
        make_directory(layout.work_directory(job.key)).value();
        replace_file(layout.input(job.key), line("a") + line("b") + line("c")).value();
        const Plan plan = plan_job(layout, job.key, terms_of(settings)).value();
        job.sha256 = plan.totals.sha256;
        job.terms = to_json(plan.terms);
        batch.shard = 1;
        batch.requests = 2;
    }

    /// Bare, and with its model beside the body: more than its line, so that it has a text of its own.
    static std::string line(const std::string& id) {
        return R"({"custom_id":")" + id + R"(","model":"m","messages":[]})" + "\n";
    }
    Path rows() { return layout.shard_file(job.key, {batch.shard, batch.attempt}, ShardFile::prepared); }
    Path index() { return rows().string() + ".rows"; }
    static void flip_byte(const Path& path, std::size_t at) {
        std::string bytes = testing::slurp(path);
        bytes.at(at) = static_cast<char>(~bytes.at(at));
        ASSERT_TRUE(replace_file(path, bytes));
    }
    bool mend() { return mend_prepared(layout, job, batch, terms_of(settings)).value().was_made; }
};

TEST_F(MendRowsTest, WhateverByteOfTheIndexIsDamagedItIsAsItWas) {
    const std::string whole = testing::slurp(index());
    const std::string texts = testing::texts_of(rows());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        flip_byte(index(), at);
        EXPECT_TRUE(mend()) << at;
        EXPECT_EQ(testing::slurp(index()), whole) << at;
    }
    EXPECT_EQ(testing::texts_of(rows()), texts);
}

TEST_F(MendRowsTest, SoIsOneWhoseRowsStandInTheInput) {
    const std::string request =
        R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}})";
    replace_file(layout.input(job.key),
                 request + "\n" + request.substr(0, 14) + "b" + request.substr(15) + "\n")
        .value();
    std::filesystem::remove(rows());
    job.sha256 = plan_job(layout, job.key, terms_of(settings)).value().totals.sha256;
    ASSERT_FALSE(file_exists(rows()).value());
    const std::string whole = testing::slurp(index());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        flip_byte(index(), at);
        EXPECT_TRUE(mend()) << at;
        EXPECT_EQ(testing::slurp(index()), whole) << at;
    }
}

TEST_F(MendRowsTest, OneThatIsCutOrEmptyIsAsItWas) {
    const std::string whole = testing::slurp(index());
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}, whole.size() / 2, whole.size() - 1}) {
        ASSERT_TRUE(replace_file(index(), whole.substr(0, size)));
        EXPECT_TRUE(mend()) << size;
        EXPECT_EQ(testing::slurp(index()), whole) << size;
    }
}

TEST_F(MendRowsTest, SoIsATextOfItsOwn) {
    const std::string texts = testing::texts_of(rows());
    flip_byte(rows(), 3);
    EXPECT_TRUE(mend());
    EXPECT_EQ(testing::texts_of(rows()), texts);
}

TEST_F(MendRowsTest, TheSecondShardHasItsOwnRows) {
    batch.shard = 2;
    batch.requests = 1;
    const std::string texts = testing::texts_of(rows());
    flip_byte(index(), 20);
    EXPECT_TRUE(mend());
    EXPECT_EQ(testing::texts_of(rows()), texts);
}

TEST_F(MendRowsTest, WhatIsWholeIsLeftAsItIs) {
    EXPECT_FALSE(mend());
}

TEST_F(MendRowsTest, OfAnotherInputNothingIsMade) {
    flip_byte(index(), 20);
    const std::string damaged = testing::slurp(index());
    ASSERT_TRUE(replace_file(layout.input(job.key), line("a") + line("B") + line("c")));
    EXPECT_FALSE(mend());
    std::filesystem::remove(layout.input(job.key));
    EXPECT_FALSE(mend());
    EXPECT_EQ(testing::slurp(index()), damaged);
}

TEST_F(MendRowsTest, WhatFollowsFromMoreThanTheInputIsLeftAsItIs) {
    flip_byte(index(), 20);
    batch.bundle = job.key;
    EXPECT_FALSE(mend());
    batch.bundle.clear();
    batch.requests = 3;
    EXPECT_FALSE(mend()) << "planned by other rules";
    batch.requests = 2;
    job.terms.clear();
    EXPECT_FALSE(mend()) << "planned by an earlier version";
}

}  // namespace
}  // namespace batchd::engine
