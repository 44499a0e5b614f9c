#include "sim/multipart.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::sim {
namespace {

struct Part {
    std::string name;
    std::string filename;
    std::string data;
    bool operator==(const Part&) const = default;
};

struct Collector final : PartSink {
    std::vector<Part> parts;
    Result<void> part_begins(PartHead head) override {
        parts.push_back({head.name, head.filename.value_or("-"), ""});
        return {};
    }
    Result<void> part_data(std::string_view bytes) override {
        parts.back().data += bytes;
        return {};
    }
    Result<void> part_ends() override { return {}; }
};

constexpr std::string_view kForm =
    "a preamble\r\n--AaB03x\r\n"
    "Content-Disposition: form-data; name=\"purpose\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "batch\r\n--AaB03x \t\r\n"
    "content-disposition: form-data; name=file; filename=plain; filename*=utf-8''na%C3%AFve.jsonl\r\n\r\n"
    "one\r\n--AaB03\r\n--AaB03 x\r\ntwo\n\r\n--AaB03x\r\n"
    "Content-Disposition: form-data; name=\"a \\\"b\\\"\"\r\n\r\n"
    "\r\n--AaB03x--\r\nan epilogue";

const std::vector<Part> kParts = {{"purpose", "-", "batch"},
                                  {"file", "na\xc3\xafve.jsonl", "one\r\n--AaB03\r\n--AaB03 x\r\ntwo\n"},
                                  {"a \"b\"", "-", ""}};

TEST(MultipartParserTest, FindsTheSamePartsWhereverTheBodyIsCutInTwo) {
    for (std::size_t cut = 0; cut <= kForm.size(); ++cut) {
        Collector found;
        MultipartParser parser("AaB03x", found);
        ASSERT_TRUE(parser.feed(kForm.substr(0, cut)));
        ASSERT_TRUE(parser.feed(kForm.substr(cut)));
        ASSERT_TRUE(parser.complete());
        ASSERT_EQ(found.parts, kParts) << "cut at " << cut;
    }
}

TEST(MultipartParserTest, FindsTheSamePartsByteByByte) {
    Collector found;
    MultipartParser parser("AaB03x", found);
    for (char c : kForm) ASSERT_TRUE(parser.feed({&c, 1}));
    EXPECT_TRUE(parser.complete());
    EXPECT_EQ(found.parts, kParts);
}

TEST(MultipartParserTest, IsNotCompleteBeforeTheClosingDelimiter) {
    const std::size_t closing = kForm.rfind("--\r\n");
    for (std::size_t size = 0; size < closing; ++size) {
        Collector found;
        MultipartParser parser("AaB03x", found);
        ASSERT_TRUE(parser.feed(kForm.substr(0, size)));
        ASSERT_FALSE(parser.complete()) << "after " << size;
    }
}

struct Broken : ::testing::TestWithParam<std::string_view> {};

TEST_P(Broken, FormIsRefused) {
    Collector found;
    MultipartParser parser("b", found);
    EXPECT_FALSE(parser.feed(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    MultipartParserTest, Broken,
    ::testing::Values("--b\r\n\r\nno head\r\n--b--", "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--",
                      "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
                      "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
                      "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
                      "--b\r\nno colon\r\n\r\nx\r\n--b--", "--bx\r\n",
                      "--b\r\nContent-Disposition: form-data; name=f; "
                      "filename*=latin1''x\r\n\r\nx\r\n--b--"));

TEST(MultipartBoundaryTest, IsReadQuotedAndPlain) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----x_1-2"), "----x_1-2");
    EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a=b c\""), "a=b c");
    EXPECT_EQ(multipart_boundary("multipart/form-data"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/mixed; boundary=a"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')), std::nullopt);
}

}  // namespace
}  // namespace batchd::sim
