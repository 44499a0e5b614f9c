#include "jsonl/request/request_line.hpp"

#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/disk/file.hpp"
#include "jsonl/given_line.hpp"

namespace batchd::jsonl {
namespace {

const RequestDefaults kDefaults{"/v1/chat/completions", "gpt-4o-mini"};

/// The line to send, or "BAD [custom_id] what".
std::string prepared(std::string_view text, const RequestDefaults& defaults = kDefaults) {
    RequestParser parser(defaults);
    const GivenLine given(text);
    const auto request = parser.parse(given.line());
    if (!request) return "BAD [" + request.error().custom_id + "] " + request.error().what;
    std::string out;
    append_prepared(*request, out);
    return out;
}

struct Case {
    std::string_view given, expected;
};

TEST(RequestLineTest, NoUrlLeadsOutOfItsPlace) {
    for (const char* url : {"/..", "/.", "/v1/..", "/v1/./x", "/v1/%2e%2e/x", "/v1/.%2E/x", "/v1/..%2fx",
                            "/v1%2F..%2fx", "/v1/..%5Cx", "/v1/..;a/x", "/v1/..?x", "/v1/..#x"})
        EXPECT_NE(prepared(R"({"custom_id":"a","url":")" + std::string(url) + R"(","body":{"model":"m"}})")
                      .find("a path without"),
                  std::string::npos)
            << url;
    std::string long_one = "/v1/";  // its length counts once
    for (int i = 0; i < 1'000'000; ++i) long_one += "%2e";
    EXPECT_EQ(prepared(R"({"custom_id":"a","url":")" + long_one + R"(","body":{"model":"m"}})").find("BAD"),
              std::string::npos);
    for (const char* url :
         {"/v1/x..y", "/v1/...", "/v1/.well", "/v1/x?a=../b", "/v1/a.b/c", "/generate", "/v1/%2ea"})
        EXPECT_EQ(prepared(R"({"custom_id":"a","url":")" + std::string(url) + R"(","body":{"model":"m"}})")
                      .find("BAD"),
                  std::string::npos)
            << url;
}

TEST(RequestLineTest, CompletesEveryFormOfALine) {
    const std::vector<Case> cases = {
        // the full form, unchanged but for white space around the parts
        {R"({"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"m","input":"x"}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"m","input":"x"}})"},
        {R"(  { "body" : { "model" : "m" , "n": 1.50 } , "url" : "/v1/x" , "custom_id" : "a" }  )",
         R"({"custom_id":"a","method":"POST","url":"/v1/x","body":{ "model" : "m" , "n": 1.50 }})"},
        // what is missing
        {R"({"custom_id":"a","body":{"model":"m"}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        {R"({"body":{"model":"m"}})",
         R"({"custom_id":"line-7","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        {R"({"custom_id":"a","body":{"messages":[]}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","messages":[]}})"},
        {R"({"custom_id":"a","body":{ }})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini" }})"},
        {"{\"custom_id\":\"a\",\"body\" :\t{\"model\":\"m\"} \r }\t ",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        // other keys are left out, before and after the body
        {R"({"id":"x","response":null,"custom_id":"a","error":null,"body":{"model":"m"},"tags":["}",{"body":1}]})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        {R"({"messages":[1],"custom_id":"a","body":{"model":"m"}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        // a bare body
        {R"({"messages":[{"role":"user","content":"x"}],"model":"m"})",
         R"({"custom_id":"line-7","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"x"}],"model":"m"}})"},
        {R"({"custom_id":"a", "input": "x" , "method":"POST", "url":"/v1/embeddings", "n" : 1e5 })",
         R"({"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"gpt-4o-mini","input": "x","n" : 1e5}})"},
        {R"({"prompt":"x"})",
         R"({"custom_id":"line-7","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","prompt":"x"}})"},
        // strings stay as they are written
        {R"({"custom_id":"a\"\\\u00e9é\/","body":{"model":"m\"","x":"\\\"}{ \ud83d\ude00"}})",
         R"({"custom_id":"a\"\\\u00e9é\/","method":"POST","url":"/v1/chat/completions","body":{"model":"m\"","x":"\\\"}{ \ud83d\ude00"}})"},
        {R"({"custom_id":"a","\u0062ody":{"model":"m"}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"},
        {"{\"custom_id\":\"a\",\"body\":{\"model\":\"m\",\r\"x\":\"\u2028\"\r}}",
         "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/"
         "completions\",\"body\":{\"model\":\"m\", \"x\":\"\u2028\" }}"},
        // stream, where it does no harm; keys further inside are nobody's business
        {R"({"custom_id":"a","body":{"model":"m","stream":false}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","stream":false}})"},
        {R"({"custom_id":"a","body":{"model":"m","stream":null,"x":{"stream":true,"stream":true,"model":1}}})",
         R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","stream":null,"x":{"stream":true,"stream":true,"model":1}}})"},
    };
    for (const Case& c : cases) EXPECT_EQ(prepared(c.given), std::string(c.expected) + "\n") << c.given;
}

TEST(RequestLineTest, SaysWhatIsWrongAndWhatWouldBeRight) {
    const std::vector<Case> cases = {
        {R"([1,2])",
         R"(BAD [] [1,2] is not a JSON object: a line must be one, {"custom_id": …, "body": {…}})"},
        {R"("x")", R"(BAD [] "x" is not a JSON object: a line must be one, {"custom_id": …, "body": {…}})"},
        {R"({"custom_id":"a"})",
         R"(BAD [a] no "body": a line must be {"custom_id": …, "body": {…}}, or a body with "messages", "input" or "prompt")"},
        {R"({"custom_id":"","body":{}})",
         R"(BAD [] "custom_id" is "": it must be a string that is not empty)"},
        {R"({"custom_id":17,"body":{}})",
         R"(BAD [] "custom_id" is 17: it must be a string that is not empty)"},
        {R"({"custom_id":null,"body":{}})",
         R"(BAD [] "custom_id" is null: it must be a string that is not empty)"},
        {R"({"custom_id":"a","custom_id":"a","body":{}})",
         R"(BAD [] "custom_id" is there 2 times: once is right)"},
        {R"({"custom_id":"a","method":"POST","method":"POST","body":{}})",
         R"(BAD [a] "method" is there 2 times: once is right)"},
        {R"({"custom_id":"a","body":{},"\u0062ody":{}})",
         R"(BAD [a] "body" is there 2 times: once is right)"},
        {R"({"custom_id":"a","url":"/a","url":"/b","url":"/c","body":{}})",
         R"(BAD [a] "url" is there 3 times: once is right)"},
        {R"({"custom_id":"a","method":"GET","body":{}})",
         R"(BAD [a] "method" is "GET": only "POST" can be sent in a batch)"},
        {R"({"custom_id":"a","method":"post","body":{}})",
         R"(BAD [a] "method" is "post": only "POST" can be sent in a batch)"},
        {R"({"custom_id":"a","method":null,"body":{}})",
         R"(BAD [a] "method" is null: only "POST" can be sent in a batch)"},
        {R"({"custom_id":"a","url":"https://evil/v1","body":{}})",
         R"(BAD [a] "url" is "https://evil/v1": it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":"//evil/v1","body":{}})",
         R"(BAD [a] "url" is "//evil/v1": it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":"/v1/a b","body":{}})",
         R"(BAD [a] "url" is "/v1/a b": it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":"/v1\r\nX: y","body":{}})",
         R"(BAD [a] "url" is "/v1\r\nX: y": it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":"/v1/../admin/delete","body":{}})",
         R"(BAD [a] "url" is "/v1/../admin/delete": it must be a path without "." and "..", such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":"","body":{}})",
         R"(BAD [a] "url" is "": it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","url":1,"body":{}})",
         R"(BAD [a] "url" is 1: it must be a path such as /v1/chat/completions)"},
        {R"({"custom_id":"a","body":[1]})", R"(BAD [a] "body" is [1]: it must be an object)"},
        {R"({"custom_id":"a","body":null,"messages":[]})", R"(BAD [a] "body" is null: it must be an object)"},
        {R"({"custom_id":"a","body":"{}"})",
         R"(BAD [a] "body" is "{}": it must be an object, and not the text of one: )"
         "`jq -c '.body |= fromjson'` mends it"},
        {R"({"custom_id":"a","body":{"model":""}})",
         R"(BAD [a] "model" is "": it must be a string that is not empty)"},
        {R"({"custom_id":"a","body":{"model":null}})",
         R"(BAD [a] "model" is null: it must be a string that is not empty)"},
        {R"({"custom_id":"a","body":{"model":"x","model":"y"}})",
         R"(BAD [a] "model" is there 2 times: once is right)"},
        {R"({"custom_id":"a","body":{"stream":false,"stream":true}})",
         R"(BAD [a] "stream" is there 2 times: once is right)"},
        {R"({"custom_id":"a","body":{"stream":true}})",
         R"(BAD [a] "stream" is true: a batch can't stream; remove it or set it to false)"},
        {R"({"custom_id":"a","messages":[],"stream":true})",
         R"(BAD [a] "stream" is true: a batch can't stream; remove it or set it to false)"},
        {R"({"custom_id":"a","body":{"stream":"no"}})",
         R"(BAD [a] "stream" is "no": it must be false or left out)"},
    };
    for (const Case& c : cases) EXPECT_EQ(prepared(c.given), c.expected) << c.given;
}

TEST(RequestLineTest, NeedsAModelWhereNoneIsConfigured) {
    EXPECT_EQ(prepared(R"({"custom_id":"a","body":{}})", {"/v1/x", ""}),
              R"(BAD [a] no "model" in the body, and no batch.model is configured)");
}

TEST(RequestLineTest, FindsInvalidJsonAnywhereInTheLine) {
    const std::vector<std::string> broken = {R"(01)",
                                             R"(1.)",
                                             R"(-)",
                                             R"(.5)",
                                             R"(1e)",
                                             R"(NaN)",
                                             R"(Infinity)",
                                             R"(tru)",
                                             R"("\x")",
                                             R"("\u12")",
                                             R"("\ud800\x")",
                                             R"(1e400x)",
                                             R"(01e400)",
                                             R"([1e400,])",
                                             R"([1e400 1e400])",
                                             "\"a\tb\"",
                                             std::string("\"a\0b\"", 5),
                                             R"('a')",
                                             R"([1,])",
                                             R"([1 2])",
                                             R"({"a"})",
                                             R"({"a":1,})",
                                             R"({a:1})",
                                             R"([1})",
                                             R"("open)",
                                             R"(1//c)",
                                             "",
                                             R"([)",
                                             R"(})"};
    for (const std::string& value : broken) {
        const std::string inside = R"({"custom_id":"a","body":{"model":"m","x":[{"y":)" + value + "}]}}";
        EXPECT_TRUE(prepared(inside).starts_with("BAD [] not valid JSON"))
            << inside << " gave " << prepared(inside);
        const std::string beside = R"({"custom_id":"a","body":{"model":"m"},"x":)" + value + "}";
        EXPECT_TRUE(prepared(beside).starts_with("BAD [] not valid JSON"))
            << beside << " gave " << prepared(beside);
    }
    const std::string good = R"({"custom_id":"a","body":{"model":"m"}})";
    for (const std::string_view tail : {"x", "{}", ",", "}", "null"})
        EXPECT_TRUE(prepared(good + std::string(tail)).starts_with("BAD [] not valid JSON")) << tail;
}

TEST(RequestLineTest, PassesEveryNumberOfTheGrammarOnByteForByte) {
    const std::string digits(400, '7');
    for (const std::string& number :
         {std::string("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
          std::string("-9223372036854775809"), std::string("18446744073709551616"), std::string("1e400"),
          std::string("-1E+400"), std::string("1e-400"), std::string("-0e+99999"), digits, "-" + digits,
          digits + ".5e-400"}) {
        const std::string body = R"({"model":"m", "x" : [)" + number + R"( , {"y":)" + number + "}]}";
        const std::string start = R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":)";
        EXPECT_EQ(prepared(R"({"custom_id":"a","body":)" + body + "}"), start + body + "}\n");
        EXPECT_EQ(prepared(R"({"custom_id":"a","body":{"model":"m"},"seen":)" + number + "}"),
                  start + R"({"model":"m"}})" + "\n");
        EXPECT_EQ(prepared(R"({"custom_id":"a","input":)" + number + "}"),
                  start + R"({"model":"gpt-4o-mini","input":)" + number + "}}\n");
    }
}

TEST(RequestLineTest, NamesANumberWhereSomethingElseIsNeededAsItStands) {
    EXPECT_EQ(prepared(R"({"custom_id":1e400,"body":{}})"),
              R"(BAD [] "custom_id" is 1e400: it must be a string that is not empty)");
}

TEST(RequestLineTest, PassesHalfACharacterOnAndRemarksIt) {
    const std::string body = R"({"model":"m","messages":[{"content":"cut \ud83d"}],"n":1e400})";
    const GivenLine given(R"({"custom_id":"a\ud83d\ude00","body":)" + body + "}");
    RequestParser parser(kDefaults);
    const auto request = parser.parse(given.line()).value();
    EXPECT_EQ(request.remarks.lone_surrogate, R"(\ud83d)");
    std::string out;
    append_prepared(request, out);
    EXPECT_NE(out.find(body), std::string::npos);
    const GivenLine whole(R"({"body":{"model":"m","x":"\ud83d\ude00"}})");
    EXPECT_EQ(parser.parse(whole.line()).value().remarks.lone_surrogate, "");
}

TEST(RequestLineTest, AnIdWithHalfACharacterIsNamedAsWhatItIs) {
    EXPECT_NE(prepared(R"({"custom_id":"a\ud83d","body":{"model":"m"}})")
                  .find(R"("custom_id" has \ud83d, half of)"),
              std::string::npos);
}

TEST(RequestLineTest, UsesTheModelBesideABodyThatHasNone) {
    EXPECT_EQ(
        prepared(R"({"custom_id":"a","model":"big-\u006dodel","body":{"messages":[]}})"),
        R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"big-\u006dodel","messages":[]}})"
        "\n");
    EXPECT_EQ(prepared(R"({"custom_id":"a","body":{ },"model":"b"})", {"/v1/x", ""}),
              R"({"custom_id":"a","method":"POST","url":"/v1/x","body":{"model":"b" }})"
              "\n");
    EXPECT_EQ(prepared(R"({"custom_id":"a","model":7,"body":{"messages":[]}})"),
              R"(BAD [a] "model" is 7: it must be a string that is not empty)");
    EXPECT_EQ(prepared(R"({"custom_id":"a","model":"x","model":"y","body":{"messages":[]}})"),
              R"(BAD [a] "model" is there 2 times: once is right)");
    EXPECT_EQ(prepared(R"({"custom_id":"a","model":null,"body":{"model":"m"}})"),
              R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})"
              "\n");
}

TEST(RequestLineTest, AsksWhetherAnotherNameOfTheBodyIsMeant) {
    EXPECT_EQ(prepared(R"({"custom_id":"a","params":{"model":"m","messages":[]}})"),
              R"(BAD [a] no "body": is "params" meant? A body of the API is called "body" here)");
}

TEST(RequestLineTest, RemarksWhatABodyHasAndWhatIsNotSent) {
    RequestParser parser(kDefaults);
    const GivenLine given(
        R"({"custom_id":"a","model":"x","temperature":1,"body":{"model":"m","messages":[],"input":"x"}})");
    const Remarks remarks = parser.parse(given.line()).value().remarks;
    EXPECT_TRUE(remarks.messages && remarks.input && remarks.other_model);
    EXPECT_FALSE(remarks.prompt);
    EXPECT_EQ(remarks.not_sent, "temperature");
    const GivenLine plain(R"({"custom_id":"a","tags":[],"model":"m","body":{"model":"m","prompt":"x"}})");
    const Remarks none = parser.parse(plain.line()).value().remarks;
    EXPECT_TRUE(none.prompt);
    EXPECT_FALSE(none.messages || none.input || none.other_model);
    EXPECT_EQ(none.not_sent, "");
    EXPECT_EQ(none.like_an_id, "");
}

TEST(RequestLineTest, RemarksAKeyThatMayBeMeantAsTheId) {
    for (const std::string key : {"customId", "custom-id", "CUSTOM_ID", "customID"}) {
        RequestParser parser(kDefaults);
        const GivenLine given(R"({")" + key + R"(":"a","body":{"model":"m"}})");
        EXPECT_EQ(parser.parse(given.line()).value().remarks.like_an_id, key);
    }
    RequestParser parser(kDefaults);
    const GivenLine both(R"({"custom_id":"a","customId":"b","id":"c","body":{"model":"m"}})");
    EXPECT_EQ(parser.parse(both.line()).value().remarks.like_an_id, "");
}

TEST(RequestLineTest, KeepsIdsOfAnyLength) {
    const std::string id(100'000, 'i');
    RequestParser parser(kDefaults);
    const GivenLine given(R"({"custom_id":")" + id + R"(","body":{}})");
    EXPECT_EQ(parser.parse(given.line()).value().custom_id, id);
}

TEST(RequestLineTest, TellsWhereTheJsonBreaks) {
    EXPECT_TRUE(prepared(R"({"custom_id":"a","body":{"n":1e400,"x":"\ud83d","model":"m",}})")
                    .starts_with("BAD [] not valid JSON at byte 61, near }} ("))
        << "behind what only looks broken";
    EXPECT_TRUE(prepared(R"({"custom_id":"a","body":{"model":"m",}})")
                    .starts_with("BAD [] not valid JSON at byte 38, near }} ("));
    EXPECT_TRUE(prepared(R"({"custom_id":"a","body":{"model":"m")")
                    .starts_with("BAD [] not valid JSON at byte 37, where the line ends ("));
}

TEST(RequestLineTest, TellsWhatIsNoNumberOfJson) {
    for (const char* word : {"NaN", "Infinity", "-Infinity"}) {
        const std::string said =
            prepared(R"({"custom_id":"a","body":{"model":"m","top_p":)" + std::string(word) + "}}");
        EXPECT_TRUE(said.ends_with("write null, or leave the key out")) << said;
    }
}

TEST(RequestLineTest, TellsWhereTheUtf8Breaks) {
    EXPECT_EQ(prepared("{\"custom_id\":\"\xC3\xA9\xFF\",\"body\":{}}"),
              "BAD [] not valid UTF-8 at byte 17: the file must be UTF-8 all through");
    EXPECT_EQ(prepared("\xFF\xFE{"), "BAD [] not valid UTF-8 at byte 1: the file must be UTF-8 all through");
    EXPECT_EQ(prepared("{\"body\":\"" + std::string(200'000, 'x') + "€€\xE2\x82"),
              "BAD [] not valid UTF-8 at byte 200016: the file must be UTF-8 all through");
}

TEST(RequestLineTest, RefusesDepthBombsWithoutFallingOver) {
    for (const std::size_t depth : {1'100U, 3'000'000U}) {
        const std::string bomb = std::string(depth, '[') + std::string(depth, ']');
        EXPECT_TRUE(prepared(R"({"custom_id":"a","body":{"model":"m","x":)" + bomb + "}}")
                        .starts_with("BAD [] not valid JSON"));
        EXPECT_TRUE(prepared(std::string(depth, '[')).starts_with("BAD [] not valid JSON"));
    }
    const std::string deep = std::string(900, '[') + std::string(900, ']');
    EXPECT_FALSE(prepared(R"({"custom_id":"a","body":{"model":"m","x":)" + deep + "}}").starts_with("BAD"));
}

TEST(RequestLineTest, QuotesNoMoreThanTheBeginningOfAValue) {
    const std::string id(5000, 'x');
    const std::string what = prepared(R"({"custom_id":"a","method":")" + id + R"(","body":{}})");
    EXPECT_EQ(what,
              "BAD [a] \"method\" is \"" + id.substr(0, 79) + "…: only \"POST\" can be sent in a batch");
    // 80 bytes end inside the é, and a control character does not reach the terminal
    const std::string shown =
        prepared(R"({"custom_id":"a","method":"\u001b)" + std::string(72, 'x') + R"(éé","body":{}})");
    EXPECT_EQ(shown, "BAD [a] \"method\" is \"\\u001b" + std::string(72, 'x') +
                         "…: only \"POST\" can be sent in a batch");
}

TEST(RequestLineTest, CountsWhatAnEmbeddingAsksFor) {
    RequestParser parser(kDefaults);
    const auto inputs = [&](std::string_view input) {
        const GivenLine given(R"({"body":{"model":"m","input":)" + std::string(input) + "}}");
        return parser.parse(given.line()).value().inputs;
    };
    EXPECT_EQ(inputs(R"("one text")"), 1U);
    EXPECT_EQ(inputs(R"(["one","two","three"])"), 3U);
    EXPECT_EQ(inputs(R"([1,2,3])"), 1U);
    EXPECT_EQ(inputs(R"([[1,2],[3]])"), 2U);
    EXPECT_EQ(inputs(R"([])"), 1U);
    EXPECT_EQ(inputs(R"([{"role":"user"},{"role":"user"}])"), 1U);
}

TEST(RequestLineTest, EstimatesAQuarterOfTheBodysBytesRoundedUp) {
    RequestParser parser(kDefaults);
    const auto tokens = [&](std::string_view body) {
        const GivenLine given(R"({"body":)" + std::string(body) + "}");
        return parser.parse(given.line()).value().estimated_tokens;
    };
    EXPECT_EQ(tokens(R"({"model":"m"})"), 4U);     // 13 bytes
    EXPECT_EQ(tokens(R"({"model":"mmmm"})"), 4U);  // 16
    EXPECT_EQ(tokens(R"({"model":"mmmmm"})"), 5U);
    EXPECT_EQ(tokens(R"({})"), 6U);  // the model is added: 23
}

TEST(RequestLineTest, ReadsUnescapedValues) {
    RequestParser parser(kDefaults);
    const GivenLine given(R"({"custom_id":"\u0061\n","url":"\/v1\/x","body":{"model":"\u006d"}})");
    const auto request = parser.parse(given.line()).value();
    EXPECT_EQ(request.custom_id, "a\n");
    EXPECT_EQ(request.url, "/v1/x");
    EXPECT_EQ(request.model, "m");
}

TEST(RequestLineTest, SaysWhenALineIsTooLong) {
    RequestParser parser(kDefaults);
    const auto request = parser.parse(Line{{}, 3, 0, 300'000'000, true});
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().what, "the line has 300,000,000 bytes: more than fits into a batch");
}

TEST(RequestLineTest, ServesManyLinesWithOneParser) {
    RequestParser parser(kDefaults);
    for (std::size_t size = 1; size < 300'000; size = size * 3 + 1) {
        const std::string id = "id-" + std::to_string(size);
        const GivenLine given(R"({"custom_id":")" + id + R"(","body":{"x":")" + std::string(size, 'y') +
                              R"("}})");
        EXPECT_EQ(parser.parse(given.line()).value().custom_id, id);
        EXPECT_FALSE(parser.parse(GivenLine("{").line()));
    }
}

TEST(RequestLineTest, TakesTheSampleFileAsItIs) {
    const auto fd = open_file(Path(JSONL_DATA) / "articles.jsonl", O_RDONLY).value();
    LineReader reader(fd.get(), 1'000'000);
    RequestParser parser(kDefaults);
    std::vector<std::string> ids;
    for (Line line; reader.next(line).value();) {
        const auto request = parser.parse(line);
        ASSERT_TRUE(request) << request.error().what;
        std::string out;
        append_prepared(*request, out);
        EXPECT_TRUE(out.starts_with("{\"custom_id\":\"" + std::string(request->custom_id) +
                                    "\",\"method\":\"POST\""));
        EXPECT_EQ(out.find("response"), std::string::npos);
        ids.emplace_back(request->custom_id);
    }
    EXPECT_EQ(ids,
              (std::vector<std::string>{"article_1", "article_2", "article_3", "article_4", "article_5"}));
}

TEST(PreparedCustomIdTest, ReadsWhatAppendPreparedWrote) {
    for (const std::string_view id : {R"("a")", R"("\"}\\")", R"("é\u00e9\ud83d\ude00")"}) {
        const std::string line = prepared(R"({"body":{"model":"m"},"custom_id":)" + std::string(id) + "}");
        const GivenLine again(line.substr(0, line.size() - 1));
        RequestParser parser(kDefaults);
        EXPECT_EQ(prepared_custom_id(line), parser.parse(again.line()).value().custom_id);
    }
}

TEST(PreparedCustomIdTest, KnowsNoOtherLine) {
    for (const std::string_view text :
         {"", "{}", R"({"id":"a"})", R"({"custom_id":)", R"({"custom_id":1})", R"({"custom_id":"a)"})
        EXPECT_EQ(prepared_custom_id(text), std::nullopt) << text;
}

}  // namespace
}  // namespace batchd::jsonl
