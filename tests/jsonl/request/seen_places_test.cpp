#include <vector>

#include <gtest/gtest.h>

#include "jsonl/given_line.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/request_line.hpp"

namespace batchd::jsonl {
namespace {

using namespace std::string_literals;

const std::string kGood = R"({"custom_id":"a","body":{"model":"m","messages":[]}})";

/// What is wrong with a line, or "".
std::string fault_of(const std::string& text) {
    RequestParser parser({"/v1/chat/completions", ""});
    const GivenLine line(text);
    const auto request = parser.parse(line.line());
    return request ? "" : request.error().what;
}

TEST(SeenPlacesTest, MarksThatWouldNotBeSeenAreShownByTheirBytes) {
    EXPECT_EQ(excerpt("a\uFEFFb\u00A0c\u200Bd\u2028e\u2029"),
              R"(a\xef\xbb\xbfb\xc2\xa0c\xe2\x80\x8bd\xe2\x80\xa8e\xe2\x80\xa9)");
    EXPECT_EQ(excerpt("Größe 日本語 नि\u200Dक 👩\u200D💻\n"), "Größe 日本語 नि\u200Dक 👩\u200D💻\\x0a");
}

TEST(SeenPlacesTest, NamesTheMarkAtWhichALineBreaks) {
    struct MarkCase {
        std::string line, what;
    };
    const std::string command = "none of JSON's blanks: grep -ao '{.*}' FILE > NEW.jsonl";
    const std::vector<MarkCase> cases = {
        {"\uFEFF" + kGood, R"(not valid JSON at byte 1, near \xef\xbb\xbf{"custom_id":)"},
        {"\uFEFF" + kGood, ": U+FEFF, a byte order mark, stands there, which is " + command},
        {"\uFEFF\uFEFF" + kGood, ": U+FEFF, a byte order mark, stands there"},
        {"\u00A0" + kGood, ": U+00A0, a no-break space, stands there, which is " + command},
        {"\u200B" + kGood, ": U+200B, a space without width, stands there, which is " + command},
        {kGood + "\u2028" + kGood, ": U+2028, a line separator, stands there"},
        {kGood + "\u2028" + kGood, "none of JSON's blanks: take it out"},
        {"{\u00A0\"custom_id\":\"a\"}", "at byte 2, near \\xc2\\xa0\"custom_id\""},
        {"{\"custom_id\":\u00A0\"a\"}", ": U+00A0, a no-break space, stands there"},
        {"<<<<<<< HEAD", ": it marks a conflict of Git, which is to be solved first"},
        {"=======", ": it marks a conflict of Git"},
        {"{\0\"\0a\0\"\0"s, "the line is text in UTF-16, as PowerShell's >> writes it"},
        {"\0{\0\"\0\xE9\0\"\0}\0\r\0"s, "the line is text in UTF-16, as PowerShell's >> writes it"},
    };
    for (const MarkCase& c : cases)
        EXPECT_NE(fault_of(c.line).find(c.what), std::string::npos) << c.what << ": " << fault_of(c.line);
    EXPECT_EQ(fault_of("\0\0\0" + kGood).find("UTF-16"), std::string::npos);
}

TEST(SeenPlacesTest, OffersToUnpackABodyOnlyWhereItsTextIsThatOfAnObject) {
    const auto offers = [](const std::string& body) {
        return fault_of(R"({"custom_id":"a","body":)" + body + "}").find("fromjson") != std::string::npos;
    };
    EXPECT_TRUE(offers(R"("{\"model\":\"m\"}")"));
    EXPECT_TRUE(offers(R"(" {}\n")"));
    EXPECT_FALSE(offers(R"("Say hello.")"));
    EXPECT_FALSE(offers(R"("{\"model\":\"m\"")"));
    EXPECT_FALSE(offers(R"("{'model': 'm'}")"));
    EXPECT_FALSE(offers(R"("[{\"role\":\"user\"}]")"));
    EXPECT_FALSE(offers(R"("")"));
}

}  // namespace
}  // namespace batchd::jsonl
