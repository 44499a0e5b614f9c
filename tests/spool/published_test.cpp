#include "spool/published.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::TempDir;

constexpr std::string_view kPublishedKey = "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11";

/// Leaves the process `count` descriptors that it may open, for as long as it lives.
class FewDescriptors {
public:
    explicit FewDescriptors(rlim_t count) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(STDERR_FILENO);
        ::close(next);
        const rlimit few{static_cast<rlim_t>(next) + count, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
    }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;
    ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

struct PublishedTest : ::testing::Test {
    TempDir outbox;

    Path folder(const std::string& name, const char* file, const std::string& content) const {
        const Path path = outbox.path() / name;
        EXPECT_TRUE(make_directory(path));
        EXPECT_TRUE(replace_file(path / file, content));
        return path;
    }
    static std::string json(std::string_view key) {
        return "{\"name\": \"a\", \"key\": \"" + std::string(key) + "\"}\n";
    }
};

TEST_F(PublishedTest, FindsTheFolderWithTheKeyAmongThoseOfTheName) {
    folder("a", "job.json", json("other"));
    folder("a.2", "job.json", json("another"));
    folder("a.3", "job.json", json(kPublishedKey));
    EXPECT_EQ(find_published(outbox.path(), "a", kPublishedKey).value(), "a.3");
}

TEST_F(PublishedTest, FindsItWhenEarlierOnesWereRemoved) {
    folder("a.7", "job.json", json(kPublishedKey));
    EXPECT_EQ(find_published(outbox.path(), "a", kPublishedKey).value(), "a.7");
}

TEST_F(PublishedTest, FindsNothingUnderAnotherName) {
    folder("b", "job.json", json(kPublishedKey));
    folder("a.txt", "job.json", json(kPublishedKey));
    folder(".a", "job.json", json(kPublishedKey));
    EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey).value());
}

TEST_F(PublishedTest, FindsNothingWhereThereIsNoFolderAtAll) {
    EXPECT_FALSE(find_published("/nonexistent/outbox", "a", kPublishedKey).value());
}

TEST_F(PublishedTest, ReadsTheKeyHoweverTheJsonIsSpaced) {
    const std::string key(kPublishedKey);
    for (const std::string& text :
         {"{\"key\":\"" + key + "\"}", "{\n  \"key\" :\t\"" + key + "\",\n \"x\": 1}",
          "{\"keys\": 1, \"key\": \"" + key + "\"}"})
        EXPECT_TRUE(has_job_key(folder("a", "job.json", text), kPublishedKey).value()) << text;
}

TEST_F(PublishedTest, IsNotFooledByANameThatLooksLikeAKey) {
    const std::string forged =
        "{\"name\": \"\\\"key\\\": \\\"" + std::string(kPublishedKey) + "\\\"\", \"key\": \"other\"}";
    EXPECT_FALSE(has_job_key(folder("a", "job.json", forged), kPublishedKey).value());
}

TEST_F(PublishedTest, ReadsTheKeyOfARejectedFile) {
    const std::string reason = "line 17: not valid JSON\n\njob key: " + std::string(kPublishedKey) + "\n";
    EXPECT_TRUE(has_job_key(folder("a", "reason.txt", reason), kPublishedKey).value());
    EXPECT_FALSE(has_job_key(folder("b", "reason.txt", reason + "and more\n"), kPublishedKey).value());
    EXPECT_FALSE(has_job_key(folder("c", "reason.txt", ""), kPublishedKey).value());
}

TEST_F(PublishedTest, BelievesNoLink) {
    const TempDir elsewhere;
    elsewhere.write("job.json", json(kPublishedKey));
    std::filesystem::create_directory_symlink(elsewhere.path(), outbox.path() / "a");
    EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey).value());
    ASSERT_TRUE(make_directory(outbox.path() / "a.2"));
    std::filesystem::create_symlink(elsewhere.path() / "job.json", outbox.path() / "a.2/job.json");
    EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey).value());
}

TEST_F(PublishedTest, WhatCannotBeReadAtTheMomentIsNotTakenForSomebodyElses) {
    folder("a", "job.json", json("other"));
    const Path ours = folder("a.2", "job.json", json(kPublishedKey));
    for (const rlim_t count : {0U, 1U}) {
        const FewDescriptors few(count);
        EXPECT_FALSE(has_job_key(ours, kPublishedKey)) << "descriptors: " << count;
        EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey)) << "descriptors: " << count;
    }
    EXPECT_EQ(find_published(outbox.path(), "a", kPublishedKey).value(), "a.2");
}

TEST_F(PublishedTest, BelievesNobodyElse) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives folders to others";
    const Path forged = folder("a", "job.json", json(kPublishedKey));
    ASSERT_EQ(::chown((forged / "job.json").c_str(), 65534, 65534), 0);
    EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey).value()) << "the file is theirs";
    const Path given = folder("a.2", "job.json", json(kPublishedKey));
    ASSERT_EQ(::chown(given.c_str(), 65534, 65534), 0);
    EXPECT_FALSE(find_published(outbox.path(), "a", kPublishedKey).value()) << "the folder is theirs";
}

}  // namespace
}  // namespace batchd::spool
