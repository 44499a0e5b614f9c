#include <sstream>

#include "engine/event_kind.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using ReadmeTest = SystemTest;

/// The SQL of each `sqlite3 … "SQL"` line.
std::vector<std::string> queries_of_readme() {
    std::vector<std::string> queries;
    std::istringstream readme(slurp(BATCHD_README));
    for (std::string line; std::getline(readme, line);) {
        if (!line.starts_with("sqlite3 -box ")) continue;
        const auto begin = line.find('"') + 1;
        queries.push_back(line.substr(begin, line.rfind('"') - begin));
    }
    return queries;
}

TEST_F(ReadmeTest, ItsQueriesCanBeAskedOfADatabaseThatHasSeenSomething) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500,"runs_max":1}]})");
    bench.drop("articles", articles(5));
    bench.drop("bad", "not a request\n");
    EXPECT_EQ(bench.run_once(), 1);
    const auto queries = queries_of_readme();
    EXPECT_GE(queries.size(), 10U);
    for (const std::string& query : queries) EXPECT_NO_THROW(bench.database().rows(query)) << query;
}

TEST_F(ReadmeTest, EveryEventHasItsRowInTheTable) {
    const std::string readme = slurp(BATCHD_README);
    for (const engine::EventInfo& event : engine::all_events()) {
        const std::string row = "| `" + std::string(event.name) + "` | " + std::string(event.meaning) + " |";
        EXPECT_NE(readme.find(row), std::string::npos) << row;
    }
}

}  // namespace
}  // namespace batchd::testing
