#include "provider/direct/local/run_store.hpp"

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {
namespace {

struct RunStoreTest : ::testing::Test {
    testing::TempDir directory;
    RunStore store{directory.path() / "direct"};

    Path prepared() {
        const Path path = directory.path() / "rows.jsonl";
        auto writer = jsonl::RowFileWriter::create(path).value();
        for (const std::uint64_t line : {1U, 2U}) writer.append(line, digest128("r"), "{}").value();
        writer.commit().value();
        return path;
    }
};

TEST_F(RunStoreTest, KeepsAnUploadAlsoWhenTheFileItCameFromGoes) {
    const Path path = prepared();
    const FileObject file = store.add(path, "a-1").value();
    EXPECT_EQ(file.id, "file-a-1");
    EXPECT_EQ(file.filename, "batchd-a-1.jsonl");
    EXPECT_EQ(file.size_bytes, 6U);
    jsonl::remove_row_file(path).value();
    EXPECT_EQ(store.count_requests("a-1").value(), 2U);
    EXPECT_EQ(store.find("file-a-1").value()->size_bytes, 6U);
}

TEST_F(RunStoreTest, AnUploadThatIsMadeTwiceIsOne) {
    const Path path = prepared();
    store.add(path, "a").value();
    EXPECT_EQ(store.add(path, "a").value().size_bytes, 6U);
    EXPECT_EQ(store.uploads().value().size(), 1U);
}

TEST_F(RunStoreTest, AnUploadThatACrashBrokeOffIsNoneUntilItIsMadeAgain) {
    const Path path = prepared();
    std::filesystem::create_directories(directory.path() / "direct/a");
    for (const char* piece : {"requests.jsonl", "requests.jsonl.tmp", "requests.jsonl.rows.tmp"})
        directory.write(std::string("direct/a/") + piece, "{}\n");
    EXPECT_FALSE(store.find("file-a").value());
    EXPECT_TRUE(store.uploads().value().empty());
    EXPECT_EQ(store.add(path, "a").value().size_bytes, 6U);
    EXPECT_EQ(store.find("file-a").value()->size_bytes, 6U);
}

TEST_F(RunStoreTest, OfAnUploadThatACrashBrokeOffNothingStays) {
    store.add(prepared(), "whole").value();
    for (const char* folder : {"half", "begun", "foreign", "run"})
        std::filesystem::create_directories(directory.path() / "direct" / folder);
    directory.write("direct/half/requests.jsonl", "{}\n");
    directory.write("direct/begun/requests.jsonl.rows.tmp", "batchd");
    directory.write("direct/foreign/notes", "mine");
    directory.write("direct/run/run.json", "{}");
    store.remove_broken_uploads().value();
    EXPECT_FALSE(store.has("half").value());
    EXPECT_FALSE(store.has("begun").value());
    for (const char* kept : {"whole", "foreign", "run"}) EXPECT_TRUE(store.has(kept).value()) << kept;
    EXPECT_EQ(store.count_requests("whole").value(), 2U);
}

TEST_F(RunStoreTest, ListsNothingWhereThereIsNothing) {
    EXPECT_TRUE(store.uploads().value().empty());
    EXPECT_TRUE(store.runs().value().runs.empty());
    EXPECT_FALSE(store.find("file-a").value());
    EXPECT_EQ(store.copy_out("results-a", directory.path() / "out").error().code, Errc::not_found);
}

TEST_F(RunStoreTest, TakesOnlyNamesOfOurs) {
    EXPECT_EQ(RunStore::key_of_filename("batchd-0f-8.jsonl"), "0f-8");
    for (const char* name :
         {"", "a.jsonl", "batchd-.jsonl", "batchd-../x.jsonl", "batchd-a", "batchd-a.b.jsonl"})
        EXPECT_FALSE(RunStore::key_of_filename(name)) << name;
    EXPECT_FALSE(RunStore::key_of_id("file-", "file-../../etc"));
}

TEST_F(RunStoreTest, ARunIsReadBackAsItWasWritten) {
    store.add(prepared(), "a").value();
    RunRecord record;
    record.key = "a";
    record.endpoint = "/v1/embeddings";
    record.metadata = {{"batchd_key", "a"}};
    record.created_at = TimePoint{Millis(1'700'000'000'123)};
    record.row_attempts = 7;
    record.priority = -3;
    record.total = 2;
    record.possibly_repeated = 1;
    record.is_cancelled = true;
    record.answered = 1;
    record.failed = 1;
    record.ended_at = TimePoint{Millis(1'700'000'001'000)};
    store.write(record).value();
    const auto runs = store.runs().value().runs;
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].key, "a");
    EXPECT_EQ(runs[0].endpoint, record.endpoint);
    EXPECT_EQ(runs[0].metadata, record.metadata);
    EXPECT_EQ(runs[0].created_at, record.created_at);
    EXPECT_EQ(runs[0].row_attempts, 7U);
    EXPECT_EQ(runs[0].priority, -3);
    EXPECT_EQ(runs[0].total, 2U);
    EXPECT_EQ(runs[0].possibly_repeated, 1U);
    EXPECT_TRUE(runs[0].is_cancelled);
    EXPECT_EQ(runs[0].answered, 1U);
    EXPECT_EQ(runs[0].failed, 1U);
    EXPECT_EQ(runs[0].ended_at, record.ended_at);
}

TEST_F(RunStoreTest, ARecordWithoutAPriorityIsOneOfAnEarlierVersion) {
    store.add(prepared(), "a").value();
    directory.write("direct/a/run.json",
                    R"({"endpoint":"/v1/embeddings","metadata":{},"created_at":1,"row_attempts":7,"total":2,)"
                    R"("cancelled":false,"possibly_repeated":0,"answered":0,"failed":0,"ended_at":null})");
    const auto runs = store.runs().value().runs;
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].priority, 0);
    EXPECT_EQ(runs[0].total, 2U);
}

TEST_F(RunStoreTest, ADamagedRecordIsSaidAndTheOthersAreFound) {
    store.add(prepared(), "a").value();
    store.add(prepared(), "b").value();
    RunRecord record;
    record.key = "b";
    store.write(record).value();
    directory.write("direct/a/run.json", "{\"total\":");
    const FoundRuns found = store.runs().value();
    ASSERT_EQ(found.unreadable.size(), 1U);
    EXPECT_EQ(found.unreadable.at("a").code, Errc::corrupt);
    EXPECT_NE(found.unreadable.at("a").context.find("a/run.json"), std::string::npos);
    ASSERT_EQ(found.runs.size(), 1U);
    EXPECT_EQ(found.runs[0].key, "b");
}

TEST_F(RunStoreTest, ARemovalThatACrashBrokeOffIsFinished) {
    for (const char* piece : {"requests.jsonl", "requests.jsonl.rows"}) {
        store.add(prepared(), "a").value();
        directory.write("direct/a/results.jsonl", "{}\n");
        directory.write("direct/a/run.json", "{}");
        std::filesystem::remove(directory.path() / "direct/a" / piece);
        EXPECT_TRUE(store.remove("file-a").value()) << piece;
        EXPECT_TRUE(store.remove("results-a").value()) << piece;
        EXPECT_FALSE(store.has("a").value()) << piece;
    }
}

TEST_F(RunStoreTest, AFolderInWhichACrashLeftNothingButTheRunGoes) {
    store.add(prepared(), "a").value();
    directory.write("direct/a/run.json", "{}");
    jsonl::remove_row_file(store.requests("a")).value();
    EXPECT_FALSE(store.remove("file-a").value());
    EXPECT_FALSE(store.has("a").value());
}

TEST_F(RunStoreTest, AFileAmongTheFoldersIsPassedOver) {
    store.add(prepared(), "a").value();
    directory.write("direct/notes", "mine");
    EXPECT_TRUE(store.remove_broken_uploads());
    EXPECT_EQ(store.uploads().value().size(), 1U);
    EXPECT_TRUE(store.runs());
    EXPECT_TRUE(store.has("notes").value());
}

TEST_F(RunStoreTest, AFolderGoesWithTheLastOfWhatIsInIt) {
    store.add(prepared(), "a").value();
    directory.write("direct/a/results.jsonl", "{}\n");
    const Path out = directory.path() / "out";
    EXPECT_EQ(store.copy_out("results-a", out).value(), 3U);
    EXPECT_TRUE(store.remove("file-a").value());
    EXPECT_FALSE(store.remove("file-a").value());
    EXPECT_TRUE(store.has("a").value());
    EXPECT_TRUE(store.remove("results-a").value());
    EXPECT_FALSE(store.has("a").value());
    EXPECT_EQ(testing::slurp(out), "{}\n");
}

}  // namespace
}  // namespace batchd::provider::direct
