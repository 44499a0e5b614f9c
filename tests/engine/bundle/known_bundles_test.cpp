#include "engine/bundle/known_bundles.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

constexpr const char* kUnknownKey = "7d0969ef-0dbf-46f4-9435-2d81a85dfff9";

struct KnownBundlesTest : EngineFixture {
    ~KnownBundlesTest() override { crash(); }

    Path folder_with(const std::string& key, const std::string& file = "") {
        const Path folder = layout.work_directory(key);
        std::filesystem::create_directories(folder);
        if (!file.empty()) replace_file(folder / file, "x").value();
        return folder;
    }
    void start() { EXPECT_EQ(add_unknown_bundles(layout, *store, clock.now()).value(), 0U); }
};

TEST_F(KnownBundlesTest, WhatAPowerCutLeftOfABundleIsRemoved) {
    for (const std::string file : {"", "bundle.json.tmp"}) {
        const Path folder = folder_with(kUnknownKey, file);
        start();
        EXPECT_FALSE(std::filesystem::exists(folder)) << file;
    }
}

TEST_F(KnownBundlesTest, TheFolderOfAJobStays) {
    const store::Job known = add_claimed("a", "");
    std::filesystem::remove(layout.input(known.key));
    const Path unknown = folder_with(kUnknownKey, "input.jsonl");
    std::filesystem::remove(layout.name_link(known.key));
    ASSERT_TRUE(std::filesystem::is_empty(layout.work_directory(known.key)));
    start();
    EXPECT_TRUE(std::filesystem::exists(layout.work_directory(known.key))) << "its file may be about to come";
    EXPECT_TRUE(std::filesystem::exists(unknown)) << "it is for `batchd recover`";
}

}  // namespace
}  // namespace batchd::engine
