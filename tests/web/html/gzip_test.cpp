#include "web/html/gzip.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/temp_dir.hpp"

namespace batchd::web {
namespace {

TEST(GzipTest, IsWhatGzipReads) {
    std::string rows;
    for (int i = 0; i < 20'000; ++i) rows += "<tr><td>" + std::to_string(i) + "</td></tr>\n";
    for (const std::string& text : {std::string(), std::string("a"), std::string(1000, '\0'), rows}) {
        testing::TempDir dir;
        const std::string packed = gzip(text);
        const Path path = dir.write("a.gz", packed);
        ASSERT_EQ(std::system(("gzip -d " + path.string()).c_str()), 0);
        EXPECT_EQ(testing::slurp(dir.path() / "a"), text);
        if (text == rows) {
            EXPECT_LT(packed.size(), text.size() / 5);
        }
    }
}

}  // namespace
}  // namespace batchd::web
