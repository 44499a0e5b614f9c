#include "notify/body/chat.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace batchd::notify {
namespace {

namespace json = boost::json;

std::vector<store::Notice> notices(std::size_t count, const std::string& name, const std::string& text) {
    store::Notice notice;
    notice.type = "failed";
    notice.text = text;
    notice.job.id = store::JobId{7};
    notice.job.name = name;
    notice.job.queue = "default";
    return std::vector<store::Notice>(count, notice);
}

std::string member(const std::string& body, std::string_view name) {
    return std::string(json::parse(body).as_object().at(name).as_string());
}

TEST(ChatTest, SlackGetsNoMarkupOfAJobsName) {
    const auto one = notices(1, "<!channel> & <https://evil|x>", "why");
    EXPECT_EQ(member(slack_body(one), "text"),
              "&lt;!channel&gt; &amp; &lt;https://evil|x&gt; failed (job 7): why");
}

TEST(ChatTest, SlackGetsAtMostFourThousandBytesAfterEscaping) {
    for (const std::size_t count : {1U, 2U, 500U}) {
        const std::string text = member(slack_body(notices(count, "a", std::string(9000, '&'))), "text");
        EXPECT_LE(text.size(), 4000U) << count;
        EXPECT_EQ(text.rfind("&amp", text.size() - 1) == text.size() - 4, false) << "an entity was cut";
    }
}

TEST(ChatTest, DiscordGetsAtMostTwoThousandUnitsAndNobodyIsMentioned) {
    for (const std::size_t count : {1U, 2U, 500U})
        for (const char* const letter : {"x", "ä", "漢", "😀"}) {
            std::string text;
            for (int i = 0; i < 3000; ++i) text += letter;
            const std::string body = discord_body(notices(count, "@everyone", text));
            const std::string content = member(body, "content");
            EXPECT_LE(utf16_units(content), 2000U);
            EXPECT_NE(content.find("@everyone"), std::string::npos);
            EXPECT_EQ(json::serialize(json::parse(body).as_object().at("allowed_mentions")),
                      R"({"parse":[]})");
        }
}

TEST(ChatTest, UnitsAreThoseOfUtf16) {
    EXPECT_EQ(utf16_units(""), 0U);
    EXPECT_EQ(utf16_units("aä漢"), 3U);
    EXPECT_EQ(utf16_units("😀"), 2U);
}

TEST(ChatTest, NtfysTitleIsAHeaderAndHoldsNothingThatBreaksOne) {
    EXPECT_EQ(ntfy_title(notices(1, "a\r\nX-Evil: 1", "why")), "batchd: a\\x0d\\x0aX-Evil: 1 failed");
    EXPECT_EQ(ntfy_title(notices(1, "ä", "why")), "batchd: ?? failed");
    EXPECT_EQ(ntfy_title(notices(3, "a", "why")), "batchd: 3 notices");
    EXPECT_LE(ntfy_body(notices(500, "a", std::string(9000, 'x'))).size(), 4000U);
}

}  // namespace
}  // namespace batchd::notify
