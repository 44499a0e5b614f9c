#include "spool/inbox/inbox_name.hpp"

#include <gtest/gtest.h>

#include "spool/hostile_names.hpp"

namespace batchd::spool {
namespace {

TEST(InboxNameTest, TakesWhatEndsInJsonl) {
    EXPECT_EQ(classify_name("articles.jsonl"), NameVerdict::take);
    EXPECT_EQ(classify_name("a.jsonl.jsonl"), NameVerdict::take);
    EXPECT_EQ(classify_name("a~.jsonl"), NameVerdict::take);
}

TEST(InboxNameTest, TakesNamesOfAnyBytes) {
    for (const std::string& name : testing::hostile_names()) {
        const std::string file_name = name + ".jsonl";
        EXPECT_EQ(classify_name(file_name), NameVerdict::take) << file_name;
        EXPECT_EQ(job_name(file_name), name);
    }
}

TEST(InboxNameTest, KnowsUnfinishedFilesOfOtherPrograms) {
    for (const char* name : {".a.jsonl", ".jsonl", "..jsonl", "...jsonl", "a.jsonl~", "a.jsonl.tmp",
                             "a.jsonl.part", "a.swp", ".a.jsonl.Xy12Zw", ".", "..", ""})
        EXPECT_EQ(classify_name(name), NameVerdict::temporary) << name;
}

TEST(InboxNameTest, LeavesOtherExtensionsAlone) {
    for (const char* name :
         {"a", "a.json", "a.JSONL", "a.jsonl.gz", "jsonl", "ajsonl", "a.jsonl ", "a.jsonl\n"})
        EXPECT_EQ(classify_name(name), NameVerdict::other_extension) << name;
}

}  // namespace
}  // namespace batchd::spool
