#include "web/request/multipart.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

using Event = MultipartReader::Event;

struct Part {
    std::string name, filename, data;
    friend bool operator==(const Part&, const Part&) = default;
};

struct Form {
    std::vector<Part> parts;
    bool is_whole = false;
    bool is_broken = false;
};

/// Reads a body that comes in pieces of this size.
Form read(std::string_view body, std::size_t piece) {
    MultipartReader reader("XX");
    Form form;
    for (std::size_t at = 0; at < body.size(); at += piece) {
        reader.feed(body.substr(at, piece));
        for (;;) {
            const auto event = reader.next();
            form.is_broken = !event;
            form.is_whole = event && *event == Event::end;
            if (!event || *event == Event::need_more || form.is_whole) break;
            if (*event == Event::part) form.parts.push_back({reader.name(), reader.filename(), ""});
            if (*event == Event::data) form.parts.back().data += reader.data();
        }
        if (form.is_broken || form.is_whole) break;
    }
    return form;
}

const std::string kBody =
    "--XX\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\nabc\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.jsonl\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\n{\"a\":1}\n\r\n--X\r\n--XX no\r\n--XX--\r\n";

TEST(MultipartTest, ReadsPartsInPiecesOfAnySize) {
    std::string body = kBody;
    body.replace(body.find("\r\n--XX no"), 9, "\r\n--X no");
    const std::vector<Part> parts{
        {"form", "", "abc"}, {"empty", "", ""}, {"file", "a\"b.jsonl", "{\"a\":1}\n\r\n--X\r\n--X no"}};
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 1000U}) {
        const Form form = read(body, piece);
        EXPECT_TRUE(form.is_whole) << piece;
        EXPECT_EQ(form.parts, parts) << piece;
    }
}

TEST(MultipartTest, RefusesABoundaryThatGoesOn) {
    EXPECT_TRUE(read(kBody, 1000).is_broken);
}

TEST(MultipartTest, TakesNoBrokenOffFormForAWholeOne) {
    const std::string cut = kBody.substr(0, kBody.find("{\"a\"") + 3);
    const Form form = read(cut, 10);
    EXPECT_FALSE(form.is_whole);
    EXPECT_FALSE(form.is_broken);
}

TEST(MultipartTest, RefusesAHeadWithoutEndAndAPartWithoutName) {
    EXPECT_TRUE(read("--XX\r\nX: " + std::string(20'000, 'x'), 1000).is_broken);
    EXPECT_TRUE(read("--XX\r\nContent-Type: text/plain\r\n\r\nx", 1000).is_broken);
}

TEST(MultipartTest, KeepsNothingOfWhatIsNoPartOrWasGivenOut) {
    const std::string much(1'000'000, 'x');
    const std::string begun = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    for (const std::string& before : {std::string(), begun, begun + "\r\n--XX--", begun + "\r\n--XX--\r\n"}) {
        MultipartReader reader("XX");
        for (const std::string& piece : {before, much, much, much}) {
            reader.feed(piece);
            for (Event event = Event::data; event == Event::data || event == Event::part;)
                event = reader.next().value();
        }
        EXPECT_LT(reader.kept_bytes(), 100U) << before;
    }
}

TEST(MultipartTest, FindsTheBoundary) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(multipart_boundary("Multipart/Form-Data; boundary=\"a b\"; charset=utf-8"), "a b");
    EXPECT_EQ(multipart_boundary("application/json"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), std::nullopt);
}

}  // namespace
}  // namespace batchd::web
