#include "store/tables/provider_calls.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

TEST(ProviderCallTableTest, AddsToWhatThereIsOfEachKind) {
    testing::TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    ProviderCallTable& table = store->provider_calls;
    const ProviderCalls quick{"default", "download", "2xx", 100, 2, 150, 1000};
    const ProviderCalls slow{"default", "download", "2xx", 0, 1, 2'000'000, 5};
    const ProviderCalls refused{"azure", "create", "4xx", 50, 1, 7, 0};
    ASSERT_TRUE(table.add({quick, slow}));
    ASSERT_TRUE(table.add({quick, refused}));
    const auto rows = table.all().value();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].provider, "azure");
    EXPECT_EQ(rows[1].up_to_ms, 0U);
    EXPECT_EQ(rows[2].calls, 4U);
    EXPECT_EQ(rows[2].took_ms, 300U);
    EXPECT_EQ(rows[2].bytes, 2000U);
}

}  // namespace
}  // namespace batchd::store
