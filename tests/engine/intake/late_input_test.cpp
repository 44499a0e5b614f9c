#include "engine/intake/late_input.hpp"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/disk/sha256.hpp"
#include "spool/claim.hpp"
#include "spool/file_stamp.hpp"
#include "spool/move_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using Change = LateInput::Change;
using testing::slurp;
using testing::TempDir;

struct LateInputTest : ::testing::Test {
    LateInputTest() {
        job.key = "00000000-0000-4000-8000-000000000001";
        job.name = "articles";
        make_directory(inbox).value();
        make_directory(layout.work_directory(job.key)).value();
    }
    /// The job's file as it was read.
    void read_as(const std::string& content) {
        replace_file(input, content).value();
        Sha256 hash;
        hash.update(content);
        job.sha256 = hash.hex();
        job.size_bytes = content.size();
    }
    static void append(const Path& path, const std::string& text) {
        std::ofstream(path, std::ios::app) << text;
    }
    LateInput look() { return look_for_late_input(layout, inbox, job).value(); }
    Path rest() const { return layout.input(rest_key(job.key)); }

    TempDir dir;
    Path inbox = dir.path() / "inbox";
    spool::Layout layout{dir.path() / "state"};
    store::Job job;
    Path input = layout.input("00000000-0000-4000-8000-000000000001");
};

TEST_F(LateInputTest, IsNoneOfAFileThatNobodyWroteTo) {
    read_as("one\n");
    EXPECT_EQ(look().change, Change::none);
    std::filesystem::last_write_time(input, std::filesystem::file_time_type::clock::now());
    EXPECT_EQ(look().change, Change::none) << "touched, and the same";
}

TEST_F(LateInputTest, IsWhatWasAppended) {
    read_as("one\n");
    append(input, "two\nthree\n");
    const LateInput late = look();
    EXPECT_EQ(late.change, Change::grown);
    ASSERT_TRUE(keep_rest(layout, job, late));
    EXPECT_EQ(slurp(rest()), "two\nthree\n");
    const auto found = find_rest(layout, job, TimePoint{}).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "articles");
    EXPECT_EQ(found->key, rest_key(job.key));
    EXPECT_EQ(found->size_bytes, 10U);
}

TEST_F(LateInputTest, BlankLinesAreNoRest) {
    read_as("one\n");
    append(input, "\r\n \n");
    const LateInput late = look();
    EXPECT_EQ(late.change, Change::grown);
    ASSERT_TRUE(keep_rest(layout, job, late));
    EXPECT_FALSE(find_rest(layout, job, TimePoint{}).value());
}

TEST_F(LateInputTest, SeesThatWhatWasReadIsAltered) {
    read_as("one\n");
    for (const char* content : {"two\n", "on", "", "One\nand more\n"}) {
        ASSERT_TRUE(replace_file(input, content));
        EXPECT_EQ(look().change, Change::altered) << content;
    }
}

TEST_F(LateInputTest, OfALargeFileBelievesItsStamp) {
    read_as(std::string(2 * 1024 * 1024, 'x'));
    const auto fd = open_file(input, O_RDONLY).value();
    job.input_stamp = spool::to_text(spool::stamp(fd.get()).value());
    job.sha256 = "was not looked at";
    EXPECT_EQ(look().change, Change::none);
    append(input, "y");
    EXPECT_EQ(look().change, Change::altered) << "the stamp has moved, and the digest is another";
}

TEST_F(LateInputTest, IsLookedForInTheOriginalWhereThatIsSetAside) {
    read_as("one\n");
    const Path original = spool::set_aside_path(inbox, job.name, job.key);
    ASSERT_TRUE(replace_file(original, "one\ntwo\n"));
    const LateInput late = look();
    EXPECT_EQ(late.change, Change::grown);
    EXPECT_EQ(late.file, original);
    append(original, "three\n");
    EXPECT_EQ(let_go_of_original(inbox, job, late).error().code, Errc::changed) << "there is more to keep";
    ASSERT_TRUE(let_go_of_original(inbox, job, look()));
    EXPECT_FALSE(file_exists(original).value());
}

TEST_F(LateInputTest, AnOriginalThatIsNotThereIsMissedAndTheCopySaysNothingOfIt) {
    read_as("one\n");
    const auto folder = open_file(inbox, O_RDONLY | O_DIRECTORY).value();
    spool::note_set_aside(layout.work_directory(job.key), folder.get()).value();
    EXPECT_EQ(look().original, spool::Aside::removed);
    ASSERT_TRUE(rename_file(inbox, dir.path() / "away"));
    EXPECT_EQ(look().original, spool::Aside::away);
    ASSERT_TRUE(make_directory(inbox));
    EXPECT_EQ(look().original, spool::Aside::away) << "a folder on which nothing is mounted";
    ASSERT_TRUE(replace_file(spool::set_aside_path(inbox, job.name, job.key), "one\n"));
    EXPECT_EQ(look().original, spool::Aside::there);
}

TEST_F(LateInputTest, AnOriginalThatCameToMoreThanWasRejectedStays) {
    const Path copy = dir.path() / "rejected";
    const Path original = spool::set_aside_path(inbox, job.name, job.key);
    ASSERT_TRUE(replace_file(original, "one\n"));
    ASSERT_TRUE(spool::copy_durably(open_file(original, O_RDONLY).value().get(), copy));
    append(original, "two\n");
    ASSERT_TRUE(let_go_of_rejected(inbox, job, copy));
    EXPECT_EQ(slurp(original), "one\ntwo\n");
    ASSERT_TRUE(spool::copy_durably(open_file(original, O_RDONLY).value().get(), copy));
    ASSERT_TRUE(let_go_of_rejected(inbox, job, copy));
    EXPECT_FALSE(file_exists(original).value());
}

TEST_F(LateInputTest, AnOriginalThatWasAlteredStaysForPeopleToSee) {
    read_as("one\n");
    const Path original = spool::set_aside_path(inbox, job.name, job.key);
    ASSERT_TRUE(replace_file(original, "two\n"));
    const LateInput late = look();
    EXPECT_EQ(late.change, Change::altered);
    ASSERT_TRUE(let_go_of_original(inbox, job, late));
    EXPECT_EQ(slurp(original), "two\n");
}

TEST_F(LateInputTest, IsPartOfTheFileWhileNothingWasMadeOfIt) {
    read_as("one\n");
    const Path original = spool::set_aside_path(inbox, job.name, job.key);
    ASSERT_TRUE(replace_file(original, "one\ntwo\n"));
    const auto fd = open_file(input, O_RDONLY).value();
    const auto stamp = spool::stamp(fd.get()).value();
    EXPECT_FALSE(is_still(layout, inbox, job, stamp).value());
    ASSERT_TRUE(take_newest(layout, inbox, job));
    EXPECT_EQ(slurp(input), "one\ntwo\n");
}

TEST_F(LateInputTest, IsNotLookedForWhereTheFolderHasTheFile) {
    const LateInput late = look();
    EXPECT_EQ(late.change, Change::none);
    EXPECT_TRUE(late.file.empty());
}

}  // namespace
}  // namespace batchd::engine
