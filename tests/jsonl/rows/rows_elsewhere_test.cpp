#include <gtest/gtest.h>

#include "base/disk/checksum.hpp"
#include "jsonl/rows/copy_rows.hpp"
#include "jsonl/rows/row_texts.hpp"

namespace batchd::jsonl {
namespace {

using testing::slurp;
using testing::TempDir;

/// A row file of rows that stand in "source".
struct RowsElsewhere : ::testing::Test {
    TempDir dir;
    std::string source;
    Path path = dir.path() / "rows.jsonl";

    RowPlace place(std::size_t begin, std::size_t size) const {
        return {"source", begin, size, checksum64(std::string_view(source).substr(begin, size))};
    }
    /// The lines of "source" with these numbers, from 1.
    void write(const std::vector<std::uint64_t>& lines) {
        dir.write("source", source);
        auto writer = RowFileWriter::create(path).value();
        std::uint64_t row = 0;
        for (const std::uint64_t line : lines) {
            std::size_t begin = 0;
            for (std::uint64_t i = 1; i < line; ++i) begin = source.find('\n', begin) + 1;
            const std::size_t size = source.find('\n', begin) - begin;
            writer.append_from(++row, digest128(source.substr(begin, size)), place(begin, size)).value();
        }
        writer.commit().value();
    }
};

TEST_F(RowsElsewhere, AreReadWhereTheyStandInAnyOrder) {
    source = "one\ntwo\n\nfour " + std::string(9000, 'x') + "\nfive\n";
    write({5, 1, 4, 2});
    EXPECT_FALSE(file_exists(path).value()) << "nothing is written twice";
    EXPECT_TRUE(row_file_exists(path).value());
    const auto rows = read_rows(path).value();
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].text, "five");
    EXPECT_EQ(rows[1].text, "one");
    EXPECT_EQ(rows[2].text.size(), 9005U);
    EXPECT_EQ(rows[3].text, "two");
    EXPECT_EQ(text_bytes_of(path).value(), 5U + 4 + 9006 + 4);
}

TEST_F(RowsElsewhere, AreManyInALocalDisorder) {
    std::vector<std::uint64_t> order;
    for (std::uint64_t i = 1; i <= 3000; ++i) {
        source += "line " + std::to_string(i) + "\n";
        order.push_back(i % 3 == 0 ? i : i % 3 == 1 ? i + 1 : i - 1);
    }
    write(order);
    const auto rows = read_rows(path).value();
    ASSERT_EQ(rows.size(), 3000U);
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].text, "line " + std::to_string(order[i]));
}

TEST_F(RowsElsewhere, AnAlteredByteIsFoundAndNamed) {
    source = "one\ntwo\n";
    write({1, 2});
    dir.write("source", "one\ntwx\n");
    auto reader = RowFileReader::open(path).value();
    Row row;
    ASSERT_TRUE(reader.next(row).value());
    const auto second = reader.next(row);
    EXPECT_EQ(second.error().code, Errc::changed);
    EXPECT_NE(second.error().context.find("source: line 2"), std::string::npos) << second.error().context;
    EXPECT_TRUE(is_source_lost(second.error()));
    ASSERT_TRUE(reader.skip().value()) << "the others can be had all the same";
    EXPECT_FALSE(reader.next(row).value());

    dir.write("source", "one\n");
    EXPECT_EQ(read_rows(path).error().code, Errc::changed);
    ASSERT_TRUE(remove_file(dir.path() / "source"));
    EXPECT_TRUE(is_source_lost(read_rows(path).error()));
}

TEST_F(RowsElsewhere, TheWholeOfAFileIsKnownAsThat) {
    source = "one\ntwo\nthree\n";
    write({1, 2, 3});
    EXPECT_EQ(file_with_all_of(path).value(), dir.path() / "source");
    for (const auto& lines : {std::vector<std::uint64_t>{1, 3, 2}, {1, 2}, {2, 3}}) {
        write(lines);
        EXPECT_FALSE(file_with_all_of(path).value()) << lines.size();
    }
    source = "one\r\ntwo\n";
    dir.write("source", source);
    auto writer = RowFileWriter::create(path).value();
    writer.append_from(1, {}, place(0, 3)).value();
    writer.append_from(2, {}, place(5, 3)).value();
    writer.commit().value();
    EXPECT_FALSE(file_with_all_of(path).value()) << "with a CR that belongs to no row";
}

TEST_F(RowsElsewhere, RequestsAreMadeOfTheirLines) {
    source = R"({ "body": {"a":1}, "custom_id": "x" })"
             "\n"
             R"({"body":{}})"
             "\n";
    dir.write("source", source);
    const std::size_t second = source.find('\n') + 1;
    auto writer = RowFileWriter::create(path).value();
    const RowForm form{"<", "|", ">"};
    const auto at = [&](std::string_view what, std::size_t from = 0) {
        return static_cast<std::uint32_t>(source.find(what, from) - from);
    };
    writer.append_made(1, {}, place(0, second - 1), form, {at("\"x\""), 3, at("{\"a"), 7}).value();
    writer.append_made(17, {}, place(second, 11), form, {0, 0, 8, 2}).value();
    writer.commit().value();
    EXPECT_EQ(writer.size_bytes(), text_bytes_of(path).value());
    auto reader = RowFileReader::open(path).value();
    Row row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(row.text, "<\"x\"|{\"a\":1}>");
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(row.text, "<\"line-17\"|{}>");
    EXPECT_FALSE(file_with_all_of(path).value());
    EXPECT_EQ(writer.size_bytes(), 13U + 1 + 14 + 1);
}

TEST_F(RowsElsewhere, CopiesStayWhereTheyAreInTheFolderAndTakeTheirTextsOutOfIt) {
    source = "one\ntwo\n";
    write({2, 1});
    ASSERT_TRUE(copy_rows(path, dir.path() / "beside"));
    EXPECT_FALSE(file_exists(dir.path() / "beside").value());
    EXPECT_EQ(read_rows(dir.path() / "beside").value(), read_rows(path).value());
    const TempDir other;
    ASSERT_TRUE(copy_rows(path, other.path() / "out"));
    EXPECT_EQ(slurp(other.path() / "out"), "two\none\n");
}

TEST_F(RowsElsewhere, ManyFormsAreNotTaken) {
    auto writer = RowFileWriter::create(path).value();
    for (int i = 0; i < 16; ++i) {
        const RowForm form{std::to_string(i), "", ""};
        ASSERT_TRUE(writer.takes(form));
        ASSERT_TRUE(writer.append_made(static_cast<std::uint64_t>(i) + 1, {}, {"source", 0, 4, 1}, form, {}));
    }
    EXPECT_TRUE(writer.takes({"3", "", ""}));
    EXPECT_FALSE(writer.takes({"16", "", ""}));
}

TEST_F(RowsElsewhere, ATextOfAnEarlierRunGoes) {
    write_rows(path, {{1, "one"}});
    ASSERT_TRUE(file_exists(path).value());
    source = "one\n";
    write({1});
    EXPECT_FALSE(file_exists(path).value());
    EXPECT_EQ(read_rows(path).value().size(), 1U);
}

}  // namespace
}  // namespace batchd::jsonl
