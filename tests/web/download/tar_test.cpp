#include "web/download/tar.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "support/temp_dir.hpp"

namespace batchd::web {
namespace {

/// What a command prints.
std::string output_of(const std::string& command) {
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return text;
}

const TimePoint kNoon = *parse_utc_text("2026-11-27T12:00:00Z");

TEST(TarTest, IsAnArchiveForOthers) {
    testing::TempDir dir;
    std::string archive;
    for (const std::string content : {"first\n", "", "third"}) {
        archive += tar_header("articles/" + std::to_string(archive.size()), content.size(), kNoon) + content;
        archive.append(tar_padding(content.size()), '\0');
    }
    const Path path = dir.write("a.tar", archive + tar_end());
    EXPECT_EQ(output_of("tar -tf " + path.string()), "articles/0\narticles/1024\narticles/1536\n");
    EXPECT_EQ(output_of("tar -xOf " + path.string() + " articles/0 articles/1536"), "first\nthird");
    const std::string listed = output_of("TZ=UTC tar -tvf " + path.string() + " articles/0");
    EXPECT_NE(listed.find("-rw-r-----"), std::string::npos) << listed;
    EXPECT_NE(listed.find("2026-11-27 12:00"), std::string::npos) << listed;
}

TEST(TarTest, HasRoomForSizesBeyondElevenOctalDigits) {
    testing::TempDir dir;
    for (const std::uint64_t size : {(1ULL << 33U) - 1, 1ULL << 33U, 5'000'000'000'123ULL}) {
        const Path path = dir.write("header", tar_header("f", size, kNoon));
        const std::string command =
            "python3 -c \"import tarfile, sys; print(tarfile.TarInfo.frombuf(open(sys.argv[1], 'rb').read(), "
            "'utf-8', 'strict').size)\" " +
            path.string();
        EXPECT_EQ(output_of(command), std::to_string(size) + "\n");
    }
}

TEST(TarTest, PadsToWholeBlocks) {
    EXPECT_EQ(tar_padding(0), 0U);
    EXPECT_EQ(tar_padding(1), 511U);
    EXPECT_EQ(tar_padding(512), 0U);
    EXPECT_EQ(tar_padding(513), 511U);
}

TEST(TarTest, AFolderLeadsNowhereElse) {
    EXPECT_EQ(tar_folder("articles"), "articles");
    EXPECT_EQ(tar_folder(".."), "_..");
    EXPECT_EQ(tar_folder("/etc/x"), "_etc_x");
    EXPECT_EQ(tar_folder("a\nb\\c"), "a_b_c");
    EXPECT_EQ(tar_folder(""), "_");
    EXPECT_EQ(tar_folder("日本語"), "日本語");
    std::string longer(79, 'a');
    longer += "日本";
    EXPECT_EQ(tar_folder(longer), std::string(79, 'a')) << "not half a character";
}

}  // namespace
}  // namespace batchd::web
