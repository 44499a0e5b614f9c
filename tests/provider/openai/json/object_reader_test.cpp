#include "provider/openai/json/object_reader.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

constexpr std::string_view kPage =
    R"( {"object":"list","data":[{"id":"b2","status":"FAILED","created_at":1761896208,"metadata":{"k":"v\u00e4"},
 "request_counts":{"total":3,"completed":1.0,"failed":2},"errors":{"object":"list","data":[{"code":"c","line":7}]}},
 {"id":"b1","x":[[[{"id":"no"}]],-1.5e3,true,null,"\\\"\n"]},{}],"has_more":true} )";

Page<BatchObject> read_in_pieces(std::string_view text, std::size_t size) {
    ObjectReader<Page<BatchObject>> reader;
    for (std::size_t at = 0; at < text.size(); at += size) EXPECT_TRUE(reader.write(text.substr(at, size)));
    return reader.finish().value_or(Page<BatchObject>());
}

/// Writes what `piece(n)` makes for n from 0, until the reader has enough or `count` pieces are written.
template <class T, class Piece>
void feed(ObjectReader<T>& reader, std::size_t count, Piece piece) {
    for (std::size_t n = 0; n < count; ++n)
        if (!reader.write(piece(n))) return;
}

TEST(ObjectReaderTest, ReadsTheSameInPiecesOfAnySize) {
    for (const std::size_t size : {1UL, 2UL, 3UL, 7UL, 64UL, kPage.size()}) {
        const auto page = read_in_pieces(kPage, size);
        ASSERT_EQ(page.items.size(), 2U) << size;
        EXPECT_EQ(page.items[0].id, "b2");
        EXPECT_EQ(page.items[0].status, BatchStatus::failed);
        EXPECT_EQ(page.items[0].created_at, TimePoint(std::chrono::seconds(1761896208)));
        EXPECT_EQ(page.items[0].metadata.at("k"), "v\xC3\xA4");
        EXPECT_EQ(page.items[0].total, 3U);
        EXPECT_EQ(page.items[0].completed, 1U);
        EXPECT_EQ(page.items[0].errors.at(0).line, 7U);
        EXPECT_EQ(page.items[1].id, "b1");
        EXPECT_EQ(page.unreadable, 1U);
        EXPECT_TRUE(page.has_more);
    }
}

TEST(ObjectReaderTest, AByteOrderMarkIsPassedOver) {
    const std::string marked = "\xEF\xBB\xBF" + std::string(kPage);
    for (const std::size_t size : {1UL, 2UL, 4UL, marked.size()})
        EXPECT_EQ(read_in_pieces(marked, size).items.size(), 2U) << size;
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
    ObjectReader<T> reader;
    reader.write(text);
    return reader.finish();
}

TEST(ObjectReaderTest, WhatSaysThatItIsSomethingElseIsNotTaken) {
    EXPECT_FALSE(read_whole<FileObject>(R"({"id":"batch_1","object":"batch"})"));
    EXPECT_FALSE(read_whole<BatchObject>(R"({"object":"file","id":"file-1"})"));
    EXPECT_FALSE(read_whole<BatchObject>(R"({"object":"list","id":"x","data":[]})"));
    for (std::string_view object : {"batch", "Batch ", "batch.job", "", "etwas"})
        EXPECT_TRUE(read_whole<BatchObject>(R"({"id":"b","object":")" + std::string(object) + "\"}"))
            << object;
    EXPECT_TRUE(read_whole<FileObject>(R"({"id":"f","object":null})"));
    const auto page = read_whole<Page<BatchObject>>(R"({"data":[{"id":"f","object":"file"},{"id":"b"}]})");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 1U);
    EXPECT_EQ(page->unreadable, 1U);
}

TEST(ObjectReaderTest, WhetherThereAreMoreIsReadInAnyType) {
    const auto has_more = [](std::string_view said) {
        const auto page = read_whole<Page<FileObject>>(R"({"data":[{"id":"f"}])" + std::string(said) + '}');
        return page && page->has_more;
    };
    for (std::string_view said : {"true", "\"true\"", "\" True\"", "1", "\"1\""})
        EXPECT_TRUE(has_more(R"(,"has_more":)" + std::string(said))) << said;
    for (std::string_view said : {"false", "\"false\"", "0", "null", "\"\""})
        EXPECT_FALSE(has_more(R"(,"has_more":)" + std::string(said))) << said;
    EXPECT_FALSE(has_more(""));
}

TEST(ObjectReaderTest, AFullPageMayHaveMoreBehindItWhateverItSays) {
    const auto has_more = [](const std::string& entries, std::string_view said) {
        Forms forms;
        forms.page_size = 2;
        ObjectReader<Page<FileObject>> reader(std::move(forms));
        reader.write(R"({"data":[)" + entries + ']' + std::string(said) + '}');
        return reader.finish().value().has_more;
    };
    for (std::string_view said : {"", R"(,"has_more":null)", R"(,"has_more":false)"})
        EXPECT_TRUE(has_more(R"({"id":"f"},{})", said)) << said;
    EXPECT_FALSE(has_more(R"({"id":"f"})", R"(,"has_more":false)"));
    EXPECT_FALSE(has_more(R"({"id":"f"},{},{})", R"(,"has_more":false)"))
        << "it heeds no limit, and has no pages";
    EXPECT_TRUE(has_more(R"({"id":"f"},{},{})", ""));
}

TEST(ObjectReaderTest, AnEmptyListBesideAnErrorIsNone) {
    EXPECT_FALSE(read_whole<Page<BatchObject>>(R"({"error":{"message":"timed out"},"data":[]})"));
    EXPECT_FALSE(read_whole<Page<BatchObject>>(R"({"data":[],"error":"timed out"})"));
    EXPECT_TRUE(read_whole<Page<BatchObject>>(R"({"data":[],"error":null})"));
}

TEST(ObjectReaderTest, AStatusIsReadWithoutTheSpaceAroundIt) {
    EXPECT_EQ(read_whole<BatchObject>(R"({"id":"b","status":" Completed\n"})")->status,
              BatchStatus::completed);
}

TEST(ObjectReaderTest, TellsHowTheTextEnded) {
    const auto end_of = [](std::string_view text) {
        ObjectReader<BatchObject> reader;
        reader.write(text);
        const bool is_read = reader.finish().has_value();
        EXPECT_EQ(is_read, reader.end() == JsonStream::End::whole) << text;
        return reader.end();
    };
    EXPECT_EQ(end_of(R"({"id":"b"})"), JsonStream::End::whole);
    for (std::string_view text : {"", " ", "{", R"({"id":"b)", R"({"id":"b")", R"({"id":"b","errors":[)"})
        EXPECT_EQ(end_of(text), JsonStream::End::cut_off) << text;
    for (std::string_view text : {"<html>", R"({"id":"b"} x)", R"({"id":"b",})", "{\"id\":\"\xFF\"}"})
        EXPECT_EQ(end_of(text), JsonStream::End::malformed) << text;
}

TEST(ObjectReaderTest, AHugeListingOfNothingIsCountedAndCostsNothing) {
    ObjectReader<Page<BatchObject>> reader;
    reader.write(R"({"data":[{"id":"b"})");
    const std::string nothings = [] {
        std::string text;
        for (int i = 0; i < 1'000; ++i) text += ",{}";
        return text;
    }();
    feed(reader, 1'000, [&](std::size_t) { return nothings; });
    reader.write("]}");
    const auto page = reader.finish();
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 1U);
    EXPECT_EQ(page->unreadable, 1'000'000U);
}

TEST(ObjectReaderTest, StopsAtMoreThanIsKept) {
    ObjectReader<Page<BatchObject>> many;
    many.write(R"({"data":[{"id":"b"})");
    feed(many, 1'000'000, [](std::size_t) { return R"(,{"id":"b"})"; });
    EXPECT_EQ(many.finish(), std::nullopt);
    EXPECT_EQ(many.end(), JsonStream::End::stopped);

    ObjectReader<BatchObject> wide;
    wide.write(R"({"id":"b","metadata":{"k":"v")");
    const std::string text(60'000, 'x');
    feed(wide, 1'000, [&](std::size_t n) { return ",\"" + std::to_string(n) + "\":\"" + text + "\""; });
    EXPECT_EQ(wide.finish(), std::nullopt);
    EXPECT_EQ(wide.end(), JsonStream::End::stopped);
}

TEST(ObjectReaderTest, OfMoreErrorsThanAreKeptInFullTheLinesAreKept) {
    ObjectReader<BatchObject> reader;
    const std::string message(200, 'm');
    reader.write(R"({"id":"b","status":"failed","errors":{"data":[{})");
    feed(reader, 50'000, [&](std::size_t n) {
        return R"(,{"code":"invalid_json_line","message":")" + message + R"(","line":)" +
               std::to_string(n + 1) + "}";
    });
    reader.write("]}}");
    const auto batch = reader.finish();
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->errors.size(), 50'000U);
    EXPECT_EQ(batch->errors[3'000].message, message);
    EXPECT_EQ(batch->errors.back().line, 50'000U);
    EXPECT_EQ(batch->errors.back().message, "");
}

TEST(ObjectReaderTest, ErrorsWithoutEndAreBounded) {
    ObjectReader<BatchObject> reader;
    reader.write(R"({"id":"b","errors":[{"line":1})");
    feed(reader, 300'000, [](std::size_t) { return R"(,{"line":2})"; });
    reader.write("]}");
    EXPECT_EQ(reader.finish()->errors.size(), 100'000U);
}

TEST(ObjectReaderTest, AValueThatIsTooLongIsAbsentAndTheRestIsRead) {
    ObjectReader<Page<FileObject>> reader;
    reader.write(R"({"data":[{"id":")");
    feed(reader, 1'000, [](std::size_t) { return std::string(1'000, 'x'); });
    reader.write(R"("},{")");
    feed(reader, 1'000, [](std::size_t) { return std::string(1'000, 'k'); });
    reader.write(R"(":1,"id":"f"}]})");
    const auto page = reader.finish();
    ASSERT_TRUE(page);
    EXPECT_EQ(page->unreadable, 1U);
    ASSERT_EQ(page->items.size(), 1U);
    EXPECT_EQ(page->items[0].id, "f");
}

Page<BatchObject> read_list(std::string_view text, std::string list_field) {
    Forms forms;
    forms.list_field = std::move(list_field);
    ObjectReader<Page<BatchObject>> reader(forms);
    reader.write(text);
    return reader.finish().value_or(Page<BatchObject>());
}

TEST(ObjectReaderTest, AListStandsWhereTheServiceHasIt) {
    const std::string_view value = R"({"value":[{"id":"b1"},{}],"has_more":true})";
    EXPECT_EQ(read_list(value, "value").items.at(0).id, "b1");
    EXPECT_EQ(read_list(value, "value").unreadable, 1U);
    EXPECT_TRUE(read_list(value, "value").has_more);
    EXPECT_TRUE(read_list(value, "data").items.empty());
    EXPECT_EQ(read_list(R"({"data":[{"id":"b1"}]})", "value").items.size(), 1U) << "as most have it";
    EXPECT_EQ(read_list(R"([{"id":"b1","value":[{"id":"x"}]}])", "value").items.size(), 1U);
    const std::string_view nested =
        R"({"value":[1],"page":{"items":[{"id":"b1"},{"id":"b2"}],"has_more":true}})";
    EXPECT_EQ(read_list(nested, "page.items").items.size(), 2U);
    EXPECT_TRUE(read_list(nested, "page.items").has_more);
    EXPECT_EQ(read_list(nested, "page.items").unreadable, 0U);
    const std::string_view deep = R"({"page":{"items":[{"id":"b1","has_more":true}]}})";
    EXPECT_FALSE(read_list(deep, "page.items").has_more) << "that of a batch, whatever it means";
}

TEST(ObjectReaderTest, AnObjectStandsWhereTheServiceHasIt) {
    Forms forms;
    forms.object_field = "job";
    for (const auto& [text, id] :
         {std::pair{R"({"job":{"id":"b1","metadata":{"k":"v"}},"id":"no"})", "b1"},
          std::pair{R"({"id":"no","job":"b1"})", ""}, std::pair{R"({"id":"b1"})", ""}}) {
        ObjectReader<BatchObject> reader(forms);
        reader.write(text);
        EXPECT_EQ(reader.finish().value_or(BatchObject()).id, id) << text;
    }
}

}  // namespace
}  // namespace batchd::provider
