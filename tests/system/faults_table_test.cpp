#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kTests = BATCHD_TESTS;

std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
        found.push_back(it->size() > 2 ? (*it)[1].str() + "." + (*it)[2].str() : (*it)[1].str());
    return found;
}

/// "Suite.Name" of each test in the tree.
std::set<std::string> tests_in_tree() {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(kTests)) {
        if (entry.path().extension() != ".cpp") continue;
        for (std::string& name :
             all_matches(slurp(entry.path()), R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\))"))
            names.insert(std::move(name));
    }
    return names;
}

/// The rows of FAULTS.md, without heads and rules.
std::vector<std::string> rows() {
    std::vector<std::string> found;
    for (std::string& row :
         all_matches(slurp(kTests / "FAULTS.md"), R"((?:^|\n)(\| (?!---|case )[^\n]*\|)(?=\n))"))
        found.push_back(std::move(row));
    return found;
}

TEST(FaultsTableTest, EachTestThatItNamesExists) {
    const std::set<std::string> known = tests_in_tree();
    ASSERT_GT(known.size(), 500U);
    const std::string table = slurp(kTests / "FAULTS.md");
    for (const std::string& name : all_matches(table, R"(`(\w+\.\w+)`)"))
        EXPECT_TRUE(name.ends_with(".cpp") || known.contains(name)) << name;
    for (const std::string& path : all_matches(table, R"(`tests/([\w/.]+)`)"))
        EXPECT_TRUE(fs::exists(kTests / path)) << "tests/" << path;
}

TEST(FaultsTableTest, EachSuiteThatTheSecurityPageNamesExists) {
    std::set<std::string> suites;
    for (const std::string& name : tests_in_tree()) suites.insert(name.substr(0, name.find('.')));
    const auto named = all_matches(slurp(kTests.parent_path() / "SECURITY.md"), R"(`(\w+Test)`)");
    EXPECT_GT(named.size(), 10U);
    for (const std::string& suite : named) EXPECT_TRUE(suites.contains(suite)) << suite;
}

TEST(FaultsTableTest, EachRowNamesATest) {
    const auto all = rows();
    EXPECT_GE(all.size(), 21U + 25U + 18U + 12U + 12U);
    for (const std::string& row : all)
        EXPECT_FALSE(all_matches(row, R"(`(\w+\.\w+|tests/[\w/.]+)`)").empty()) << row;
}

TEST(FaultsTableTest, EachCaseIsThereOnce) {
    const auto all = rows();
    for (const auto& [letter, last] : {std::pair{'C', 21}, {'N', 28}, {'L', 12}, {'F', 12}, {'D', 18}})
        for (int number = 1; number <= last; ++number) {
            const std::string begin = "| " + std::string(1, letter) + std::to_string(number) + " ";
            EXPECT_EQ(std::count_if(all.begin(), all.end(),
                                    [&](const std::string& row) { return row.starts_with(begin); }),
                      1)
                << begin;
        }
}

}  // namespace
}  // namespace batchd::testing
