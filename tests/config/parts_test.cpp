#include <filesystem>

#include <gtest/gtest.h>

#include "config/problems.hpp"
#include "support/temp_dir.hpp"

namespace batchd::config {
namespace {

/// What stands in batchd.d beside the file of the configuration.
struct PartsTest : ::testing::Test {
    PartsTest() {
        std::filesystem::create_directory(dir.path() / "batchd.d");
        file = dir.write("batchd.toml", "[batch]\nmodel = 'm'\n");
    }
    std::string part(const std::string& name) const { return (dir.path() / "batchd.d" / name).string(); }
    std::string write(const std::string& name, const std::string& toml) const {
        dir.write("batchd.d/" + name, toml);
        return part(name);
    }

    testing::TempDir dir;
    Path file;
};

TEST_F(PartsTest, AreReadAfterTheFile) {
    write("20-queue.toml", "[queue.nightly]\nprovider = 'gpu'\n");
    const std::string gpu =
        write("10-gpu.toml", "[provider.gpu]\nkind = 'direct'\nbase_url = 'https://gpu/v1'\n");
    const auto loaded = load(file, kNothing);
    ASSERT_TRUE(loaded) << problems_of(loaded);
    EXPECT_EQ(loaded->settings.batch.model, "m");
    EXPECT_EQ(loaded->settings.queues.at("nightly").provider, "gpu");
    EXPECT_EQ(loaded->settings.providers.at("gpu").base_url, "https://gpu/v1");
    EXPECT_EQ(loaded->sources.at("provider.gpu.kind"), gpu + ":2");
}

TEST_F(PartsTest, AreFilesOfTheirNameOnly) {
    for (const char* name : {"queue.toml~", "queue.toml.dpkg-old", "README", ".queue.toml", ".#queue.toml"})
        write(name, "nonsense");
    const auto loaded = load(file, kNothing);
    EXPECT_TRUE(loaded) << problems_of(loaded);
}

TEST_F(PartsTest, NeedNotBeThere) {
    std::filesystem::remove_all(dir.path() / "batchd.d");
    EXPECT_TRUE(load(file, kNothing));
}

TEST_F(PartsTest, AMistakeNamesItsOwnFileAndLine) {
    const std::string path = write("q.toml", "[queue.nightly]\n\ncollect_requests = 0\n");
    EXPECT_EQ(problems_of(load(file, kNothing)),
              path + ":3: queue.nightly.collect_requests is 0: must be a whole number from 1 to 10000000\n");
}

TEST_F(PartsTest, ASyntaxErrorOfAnyIsToldBeforeAnythingElse) {
    const std::string a = write("a.toml", "[queue.nightly\n"), b = write("b.toml", "x =\n");
    write("c.toml", "[queue.q]\nprovider = 'none-such'\n");
    const std::string text = problems_of(load(file, kNothing));
    EXPECT_TRUE(text.starts_with(a + ":1:")) << text;
    EXPECT_TRUE(contains(text, "\n" + b + ":1:")) << text;
    EXPECT_FALSE(contains(text, "none-such")) << text;
}

TEST_F(PartsTest, AKeySetTwiceNamesBothPlaces) {
    const std::string path = write("a.toml", "[batch]\nmodel = 'other'\n");
    EXPECT_EQ(problems_of(load(file, kNothing)), path + ":2: batch.model is set twice: " + file.string() +
                                                     ":2 has it as well; remove one of them\n");
}

TEST_F(PartsTest, ATableMayBeContinuedInAnotherFile) {
    write("a.toml", "[queue.nightly]\nmodel = 'a'\n[provider.azure]\nbase_url = 'https://a/v1'\n");
    const std::string path =
        write("b.toml", "[queue.nightly]\nmodel = 'b'\npriority = 1\n[provider.azure]\nkind = 'azure'\n");
    EXPECT_EQ(problems_of(load(file, kNothing)),
              path + ":2: queue.nightly.model is set twice: " + part("a.toml") +
                  ":2 has it as well; remove one of them\n");
    write("b.toml", "[queue.nightly]\npriority = 1\n[provider.azure]\nkind = 'azure'\n");
    const auto loaded = load(file, kNothing);
    ASSERT_TRUE(loaded) << problems_of(loaded);
    EXPECT_EQ(loaded->settings.queues.at("nightly").priority, 1);
    EXPECT_EQ(loaded->settings.queues.at("nightly").model, "a");
    EXPECT_EQ(loaded->settings.providers.at("azure").dialect.auth_header, "api-key");
}

TEST_F(PartsTest, OneThatCanNotBeReadIsNamed) {
    std::filesystem::create_directory(part("folder.toml"));
    EXPECT_TRUE(problems_of(load(file, kNothing)).starts_with(part("folder.toml") + ": can't be read: "));
}

}  // namespace
}  // namespace batchd::config
