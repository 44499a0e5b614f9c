#include "engine/lookup.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kIntent = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

struct LookAtFileTest : ::testing::Test {
    FileMark mark{
        .filename = "batchd-k.jsonl", .size_bytes = 10, .not_before = kIntent - std::chrono::minutes(15)};
    std::optional<provider::FileObject> found;

    Visit look(const std::string& name, std::uint64_t size_bytes, TimePoint created_at) {
        return look_at_file(
            mark, {.id = "f", .filename = name, .size_bytes = size_bytes, .created_at = created_at}, found);
    }
};

TEST_F(LookAtFileTest, FindsTheFileOfOurNameAndSize) {
    EXPECT_EQ(look("batchd-k.jsonl", 10, kIntent), Visit::enough);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, "f");
}

TEST_F(LookAtFileTest, PassesOverAnotherNameOrSize) {
    EXPECT_EQ(look("batchd-other.jsonl", 10, kIntent), Visit::go_on);
    EXPECT_EQ(look("batchd-k.jsonl", 9, kIntent), Visit::go_on);
    EXPECT_EQ(look("batchd-k.jsonl", 11, kIntent), Visit::go_on);
    EXPECT_FALSE(found);
}

TEST_F(LookAtFileTest, EndsAtFilesFromBeforeTheAttempt) {
    EXPECT_EQ(look("x", 1, kIntent - 15min), Visit::go_on);
    EXPECT_EQ(look("x", 1, kIntent - 15min - 1ms), Visit::enough);
    EXPECT_FALSE(found);
}

TEST_F(LookAtFileTest, GoesOnBehindAFileWithoutATime) {
    EXPECT_EQ(look("x", 1, TimePoint{}), Visit::go_on);
}

struct BatchSearchTest : ::testing::Test {
    BatchSearch search{
        .key = "k", .input_file_id = "file-1", .not_before = kIntent - std::chrono::minutes(15)};

    static provider::BatchObject object(const std::string& id, const std::string& key,
                                        const std::string& file_id) {
        provider::BatchObject object;
        object.id = id;
        object.input_file_id = file_id;
        object.created_at = kIntent;
        if (!key.empty()) object.metadata["batchd_key"] = key;
        return object;
    }
};

TEST_F(BatchSearchTest, FindsByOurKeyAndByTheInputFile) {
    EXPECT_EQ(search.look_at(object("by-key", "k", "another"), OnRecord::no), Visit::go_on);
    EXPECT_EQ(search.look_at(object("by-file", "", "file-1"), OnRecord::no), Visit::go_on);
    EXPECT_EQ(search.look_at(object("mangled-key", "K", "file-1"), OnRecord::no), Visit::go_on);
    EXPECT_EQ(search.look_at(object("somebody's", "other", "file-2"), OnRecord::no), Visit::go_on);
    EXPECT_EQ(search.ids(), (std::vector<std::string>{"by-key", "by-file", "mangled-key"}));
}

TEST_F(BatchSearchTest, LeavesOutWhatIsOnRecord) {
    EXPECT_EQ(search.look_at(object("refused", "older", "file-1"), OnRecord::yes), Visit::go_on);
    EXPECT_TRUE(search.found.empty());
}

TEST_F(BatchSearchTest, AdoptsOfEqualsTheOneThatWasMadeFirst) {
    search.look_at(object("newest", "k", "file-1"), OnRecord::no);
    search.look_at(object("middle", "k", "file-1"), OnRecord::no);
    search.look_at(object("first", "k", "file-1"), OnRecord::no);
    EXPECT_EQ(search.take_furthest().id, "first");
    EXPECT_EQ(search.ids(), (std::vector<std::string>{"newest", "middle"}));
}

TEST_F(BatchSearchTest, AdoptsTheOneThatIsFurthestAlong) {
    const auto with_status = [&](const std::string& id, provider::BatchStatus status) {
        provider::BatchObject made = object(id, "k", "file-1");
        made.status = status;
        search.look_at(made, OnRecord::no);
    };
    with_status("newest", provider::BatchStatus::validating);
    with_status("completed", provider::BatchStatus::completed);
    with_status("running", provider::BatchStatus::in_progress);
    with_status("cancelled", provider::BatchStatus::cancelled);
    EXPECT_EQ(search.take_furthest().id, "completed");
    EXPECT_EQ(search.take_furthest().id, "running");
    EXPECT_EQ(search.take_furthest().id, "newest");
    EXPECT_EQ(search.take_furthest().id, "cancelled");
}

TEST_F(BatchSearchTest, NotesWhatNobodyCanTellFromOurs) {
    search.endpoint = "/v1/embeddings";
    search.look_at(object("nameless", "", ""), OnRecord::no);
    search.look_at(object("marked by another", "other", ""), OnRecord::no);
    search.look_at(object("with another file", "", "file-2"), OnRecord::no);
    search.look_at(object("on record", "", ""), OnRecord::yes);
    provider::BatchObject chat = object("for another endpoint", "", "");
    chat.endpoint = "/v1/chat/completions";
    search.look_at(chat, OnRecord::no);
    EXPECT_EQ(search.nameless, std::vector<std::string>{"nameless"});
    EXPECT_TRUE(search.found.empty());
}

TEST_F(BatchSearchTest, EndsAtBatchesFromBeforeTheAttempt) {
    provider::BatchObject old = object("old", "k", "file-1");
    old.created_at = kIntent - 15min - 1ms;
    EXPECT_EQ(search.look_at(old, OnRecord::no), Visit::enough);
    EXPECT_TRUE(search.found.empty());
    old.created_at = kIntent - 15min;
    EXPECT_EQ(search.look_at(old, OnRecord::no), Visit::go_on);
    EXPECT_EQ(search.ids(), std::vector<std::string>{"old"});
}

TEST_F(BatchSearchTest, GoesOnBehindABatchWithoutATimeForOursMayBeBehindIt) {
    provider::BatchObject timeless = object("timeless", "", "another");
    timeless.created_at = TimePoint{};
    EXPECT_EQ(search.look_at(timeless, OnRecord::no), Visit::go_on);
}

}  // namespace
}  // namespace batchd::engine
