#include "money/price_file/prices_file.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::money {
namespace {

using Step = PricesWatch::Step;

TEST(PricesFileTest, IsReadAtFirstAndWheneverItLooksDifferent) {
    const PriceFileStamp one{1, 2, 3, 4, 5};
    PriceFileStamp written_to = one;
    written_to.mtime_ns = 6;
    struct Look {
        std::optional<PriceFileStamp> now;
        Step step;
    };
    PricesWatch watch;
    for (const auto& [now, step] :
         {Look{one, Step::read}, Look{one, Step::nothing}, Look{written_to, Step::read},
          Look{written_to, Step::nothing}, Look{std::nullopt, Step::missing},
          Look{std::nullopt, Step::nothing}, Look{written_to, Step::read}})
        EXPECT_EQ(watch.look(now), step);
}

TEST(PricesFileTest, ThatIsNotThereAtFirstIsSaidOnce) {
    PricesWatch watch;
    EXPECT_EQ(watch.look(std::nullopt), Step::missing);
    EXPECT_EQ(watch.look(std::nullopt), Step::nothing);
}

TEST(PricesFileTest, IsReadAndItsStampMovesWhenItIsReplaced) {
    const testing::TempDir folder;
    const Path path = folder.write("prices.json", "{\"a\": {\"input_cost_per_token\": 1e-7}}");
    const auto before = price_file_stamp(path);
    ASSERT_TRUE(before);
    EXPECT_EQ(read_price_file(path)->table.size(), 1U);
    ASSERT_TRUE(replace_file(path, "{\"a\": {\"input_cost_per_token\": 2e-7}}"));
    EXPECT_NE(*price_file_stamp(path), *before);
}

TEST(PricesFileTest, ThatCanNotBeReadIsNamed) {
    const testing::TempDir folder;
    const Path broken = folder.write("broken.json", "{\n\"a\": 1,}");
    const Path fifo = folder.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const Path huge = folder.write("huge.json", "");
    std::filesystem::resize_file(huge, kPriceFileBytesMax + 1);
    struct FileCase {
        Path path;
        const char* why;
    };
    for (const auto& [path, why] :
         {FileCase{broken, "line 2"}, FileCase{fifo, "no regular file"},
          FileCase{folder.path(), "no regular file"}, FileCase{huge, "more than 64 MB"},
          FileCase{folder.path() / "missing", ""}}) {
        const auto reading = read_price_file(path);
        ASSERT_FALSE(reading) << path;
        EXPECT_NE(reading.error().context.find(path.string()), std::string::npos) << reading.error().context;
        EXPECT_NE(reading.error().context.find(why), std::string::npos) << reading.error().context;
    }
    EXPECT_FALSE(price_file_stamp(folder.path() / "missing"));
}

}  // namespace
}  // namespace batchd::money
