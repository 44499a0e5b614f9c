#include "web/html/html.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

template <class Value>
concept Writable = requires(Html& html, Value value) { html << value; };

// What comes from outside has to say what it is, or it does not compile.
static_assert(!Writable<std::string>);
static_assert(!Writable<std::string_view>);
static_assert(!Writable<char>);
static_assert(Writable<Text>);
static_assert(Writable<UrlPart>);
static_assert(Writable<int>);

std::string shown(std::string_view text) {
    Html html;
    html << Text(text);
    return html.str();
}

TEST(HtmlTest, WritesMarkupAsItIs) {
    Html html;
    html << "<td class=\"x\">" << 17 << "</td>";
    EXPECT_EQ(html.str(), "<td class=\"x\">17</td>");
}

TEST(HtmlTest, EscapesTextForAnyPlaceOnAPage) {
    EXPECT_EQ(shown("<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
    EXPECT_EQ(shown("\" onmouseover=\"x"), "&quot; onmouseover=&quot;x");
    EXPECT_EQ(shown("a & b"), "a &amp; b");
    EXPECT_EQ(shown("Ünïcödé 漢字"), "Ünïcödé 漢字");
}

TEST(HtmlTest, ShowsControlsAndMarksThatTurnTextAsWhatTheyAre) {
    EXPECT_EQ(shown("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
    EXPECT_EQ(shown("\xE2\x80\xAE"
                    "exe"),
              "\\xe2\\x80\\xaeexe");
    EXPECT_EQ(shown("\xFF"), "\\xff");
}

TEST(HtmlTest, EncodesPartsOfAddresses) {
    Html html;
    html << UrlPart("a/b?c=d&e#\"'<\n ü");
    EXPECT_EQ(html.str(), "a%2Fb%3Fc%3Dd%26e%23%22%27%3C%0A%20%C3%BC");
}

}  // namespace
}  // namespace batchd::web
