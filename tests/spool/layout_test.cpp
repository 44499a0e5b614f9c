#include "spool/layout.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

constexpr std::string_view kKey = "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11";

TEST(LayoutTest, PutsEveryFileOfAJobIntoItsWorkDirectory) {
    const Layout layout{"/var/lib/batchd"};
    const std::string work = "/var/lib/batchd/work/" + std::string(kKey);
    EXPECT_EQ(layout.work_directory(kKey), work);
    EXPECT_EQ(layout.input(kKey), work + "/input.jsonl");
    EXPECT_EQ(layout.invalid(kKey), work + "/invalid.jsonl");
    EXPECT_EQ(layout.shard_file(kKey, {3, 2}, ShardFile::prepared), work + "/shard-3.attempt-2.jsonl");
    EXPECT_EQ(layout.shard_file(kKey, {3, 2}, ShardFile::output), work + "/shard-3.attempt-2.output.jsonl");
    EXPECT_EQ(layout.shard_file(kKey, {3, 2}, ShardFile::error), work + "/shard-3.attempt-2.error.jsonl");
    EXPECT_EQ(layout.shard_file(kKey, {3, 2}, ShardFile::succeeded),
              work + "/shard-3.attempt-2.succeeded.jsonl");
    EXPECT_EQ(layout.shard_file(kKey, {3, 2}, ShardFile::failed), work + "/shard-3.attempt-2.failed.jsonl");
}

/// "shard-S.attempt-A.output.jsonl" as lib/FORMATS.md writes it, "`.output.jsonl`" where it follows another
/// one.
bool is_told(const std::string& page, std::string name) {
    if (page.find("`" + name + "`") != std::string::npos) return true;
    const std::string attempt = "shard-S.attempt-A";
    return name.starts_with(attempt) &&
           page.find("`" + name.erase(0, attempt.size()) + "`") != std::string::npos;
}

TEST(LayoutTest, EveryFileOfAJobIsInTheAccountOfTheFormats) {
    const std::string page = testing::slurp(FORMATS_PAGE);
    const Layout layout{"/state"};
    for (const Path& path :
         {layout.name_link(kKey), layout.origin_link(kKey), layout.aside_note(kKey), layout.input(kKey),
          layout.invalid(kKey), layout.plan(kKey), layout.reason(kKey), layout.destination(kKey)})
        EXPECT_TRUE(is_told(page, path.filename().string())) << path;
    for (int file = 0; file <= static_cast<int>(ShardFile::batch_id); ++file) {
        std::string name = layout.shard_file(kKey, {1, 1}, static_cast<ShardFile>(file)).filename().string();
        const std::string attempt = "shard-1.attempt-1";
        ASSERT_TRUE(name.starts_with(attempt)) << name;
        EXPECT_TRUE(is_told(page, "shard-S.attempt-A" + name.substr(attempt.size()))) << name;
    }
}

TEST(LayoutTest, PutsTheDatabaseAndTheLockBesideTheWork) {
    const Layout layout{"/state"};
    EXPECT_EQ(layout.database(), "/state/batchd.db");
    EXPECT_EQ(layout.lock(), "/state/batchd.lock");
    EXPECT_EQ(layout.work_root(), "/state/work");
}

TEST(JobKeyTest, IsAUuidInLowerCase) {
    EXPECT_TRUE(is_job_key(kKey));
    for (const char* other : {"", "lost+found", "0B5A3D52-5F0E-4C1E-9D5B-0E6F4B8F7A11",
                              "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a1", "0b5a3d52x5f0e-4c1e-9d5b-0e6f4b8f7a11"})
        EXPECT_FALSE(is_job_key(other)) << other;
}

TEST(PreparedNameTest, IsReadBackAsItWasMade) {
    const Path made = Layout{"/state"}.shard_file(kKey, {12, 345}, ShardFile::prepared);
    EXPECT_EQ(parse_prepared_name(made.filename().string()), (ShardAttempt{12, 345}));
}

TEST(PreparedNameTest, IsNotWhatOtherFilesOfTheJobHave) {
    for (const char* other :
         {"input.jsonl", "shard-1.attempt-1.output.jsonl", "shard-1.attempt-1.jsonl.tmp",
          "shard-1.attempt-1.jsonl.rows", "shard-01.attempt-1.jsonl", "shard-.attempt-1.jsonl",
          "shard-1.attempt-99999999999999999999.jsonl", "shard--1.attempt-1.jsonl", ""})
        EXPECT_FALSE(parse_prepared_name(other)) << other;
}

TEST(PublishedNameTest, CountsFromTheSecondOn) {
    EXPECT_EQ(published_name("articles", 1), "articles");
    EXPECT_EQ(published_name("articles", 2), "articles.2");
    EXPECT_EQ(published_name("articles", 10), "articles.10");
}

TEST(PublishedNameTest, CutsANameThatLeavesNoRoomForTheNumber) {
    const std::string longest(255, 'a');
    EXPECT_EQ(published_name(longest, 1), longest);
    EXPECT_EQ(published_name(longest, 2), std::string(253, 'a') + ".2");
    EXPECT_EQ(published_name(std::string(249, 'a'), 99'999).size(), 255U);
}

TEST(PublishedNameTest, CutsBetweenCharacters) {
    const std::string name =
        "a" + std::string(251, 'x') + "é" + "é";  // 256 bytes; the cut falls into the first é
    EXPECT_EQ(published_name(name, 2), "a" + std::string(251, 'x') + ".2");
}

TEST(PublishedNumberTest, KnowsTheFoldersOfAName) {
    EXPECT_EQ(published_number("articles", "articles"), 1U);
    EXPECT_EQ(published_number("articles", "articles.2"), 2U);
    EXPECT_EQ(published_number("a.2", "a.2"), 1U);
    EXPECT_EQ(published_number("a.2", "a.2.2"), 2U);
    const std::string longest(255, 'a');
    EXPECT_EQ(published_number(longest, std::string(253, 'a') + ".2"), 2U);
}

TEST(PublishedNumberTest, KnowsNoOthers) {
    for (const char* other :
         {"articles.1", "articles.0", "articles.02", "articles.x", "articles.2x", "articles.", "article.2",
          ".articles.2", "other", "", "articles.99999999999999999999"})
        EXPECT_FALSE(published_number("articles", other)) << other;
}

TEST(BuildingNameTest, IsHiddenAndFitsAFileSystem) {
    EXPECT_EQ(building_name("articles", kKey), ".articles." + std::string(kKey) + ".partial");
    EXPECT_EQ(building_name(std::string(249, 'a'), kKey).size(), 255U);
}

TEST(SetAsideNameTest, BearsTheJobsKey) {
    const std::string key = "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11";
    EXPECT_EQ(set_aside_name("articles", key), ".articles." + key + ".taken");
    EXPECT_EQ(set_aside_key(set_aside_name("articles", key)), key);
    EXPECT_EQ(set_aside_key(set_aside_name(std::string(250, 'n'), key)), key);
    EXPECT_LE(set_aside_name(std::string(250, 'n'), key).size(), kFileNameMax);
}

TEST(SetAsideNameTest, IsNoOtherName) {
    const std::string key = "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11";
    for (const std::string& name :
         {"articles." + key + ".taken", ".articles." + key + ".partial", "." + key + ".taken",
          std::string(".taken"), ".articles" + key + ".taken", std::string(".a.b.taken")})
        EXPECT_FALSE(set_aside_key(name)) << name;
}

}  // namespace
}  // namespace batchd::spool
