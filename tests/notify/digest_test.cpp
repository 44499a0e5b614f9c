#include "notify/digest.hpp"

#include <gtest/gtest.h>

#include "notify/words.hpp"

namespace batchd::notify {
namespace {

std::size_t bytes(std::string_view text) {
    return text.size();
}

store::Notice failed(std::int64_t job, const std::string& text = "0 answered, 3 failed") {
    store::Notice notice;
    notice.type = "failed";
    notice.text = text;
    notice.job.id = store::JobId{job};
    notice.job.name = "articles";
    notice.job.queue = "default";
    return notice;
}

TEST(DigestTest, OneIsALine) {
    const std::vector<store::Notice> notices{failed(12)};
    EXPECT_EQ(digest(notices, 1000, bytes), "articles failed (job 12): 0 answered, 3 failed");
}

TEST(DigestTest, AQueueIsNamedAndWhatIsAboutTheDaemonHasNoJob) {
    store::Notice notice = failed(12);
    notice.job.queue = "nightly";
    EXPECT_EQ(title_of(notice), "nightly/articles failed");
    store::Notice closed;
    closed.type = "provider_closed";
    closed.text = "the key is refused";
    EXPECT_EQ(line_of(closed, 1000), "the provider is closed: the key is refused");
}

TEST(DigestTest, SeveralAreALineEachUnderTheirNumber) {
    const std::vector<store::Notice> notices{failed(1), failed(2)};
    EXPECT_EQ(digest(notices, 1000, bytes),
              "2 notices from batchd:\narticles failed (job 1): 0 answered, 3 failed\n"
              "articles failed (job 2): 0 answered, 3 failed");
}

TEST(DigestTest, WhatDoesNotFitIsCounted) {
    std::vector<store::Notice> notices;
    for (std::int64_t job = 1; job <= 500; ++job) notices.push_back(failed(job));
    const std::string text = digest(notices, 1000, bytes);
    EXPECT_LE(text.size(), 1000U);
    const auto lines = std::count(text.begin(), text.end(), '\n') - 1;
    EXPECT_GT(lines, 10);
    EXPECT_TRUE(text.ends_with("\n… and " + std::to_string(500 - lines) + " more")) << text;
}

TEST(DigestTest, WhateverTheNumberItFits) {
    std::vector<store::Notice> notices;
    for (std::int64_t job = 1; job <= 60; ++job) {
        notices.push_back(failed(job, std::string(static_cast<std::size_t>(job) * 20, 'x')));
        EXPECT_LE(digest(notices, 2000, bytes).size(), 2000U) << job;
    }
}

TEST(DigestTest, ALongReasonIsCut) {
    const std::vector<store::Notice> notices{failed(1, std::string(5000, 'x'))};
    const std::string text = digest(notices, 1000, bytes);
    EXPECT_EQ(text.size(), 1000U);
    EXPECT_TRUE(text.ends_with("xxx..."));
}

}  // namespace
}  // namespace batchd::notify
