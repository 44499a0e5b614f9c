#include "provider/direct/journal/journal_format.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::provider::direct {
namespace {

const Record kExample{.kind = RecordKind::answered,
                      .attempt = 2,
                      .row = 7,
                      .offset = 18,
                      .size = 17,
                      .line_crc = crc32(R"({"custom_id":"a"})")};

std::string bytes_of(const Record& record) {
    const auto bytes = encode(record);
    return {bytes.data(), bytes.size()};
}

TEST(JournalFormatTest, ReadsWhatItWrote) {
    for (const RecordKind kind :
         {RecordKind::intent, RecordKind::ended, RecordKind::answered, RecordKind::failed}) {
        Record record = kExample;
        record.kind = kind;
        const auto read = decode_record(bytes_of(record));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->kind, kind);
        EXPECT_EQ(read->attempt, record.attempt);
        EXPECT_EQ(read->row, record.row);
        EXPECT_EQ(read->offset, record.offset);
        EXPECT_EQ(read->size, record.size);
        EXPECT_EQ(read->line_crc, record.line_crc);
    }
}

TEST(JournalFormatTest, TakesNothingThatIsNotWhole) {
    const std::string good = bytes_of(kExample);
    EXPECT_FALSE(decode_record(std::string(kRecordBytes, '\0')));
    EXPECT_FALSE(decode_record(good.substr(1)));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(decode_record(bad)) << "bit " << bit;
    }
}

TEST(JournalFormatTest, TheChecksumIsTheCommonOne) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc32(""), 0U);
}

TEST(JournalFormatTest, IsAsThePageHasIt) {
    const std::string page = testing::slurp(FORMATS_PAGE);
    std::string hex;
    for (const char byte : std::string(kJournalHead) + bytes_of(kExample)) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        hex += digits;
    }
    EXPECT_NE(std::regex_replace(page, std::regex("\\s+"), "").find(hex), std::string::npos) << hex;
}

}  // namespace
}  // namespace batchd::provider::direct
