#include <algorithm>
#include <sstream>

#include "engine/record/event_kind.hpp"
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
    const auto views = bench.database().rows("SELECT name FROM sqlite_schema WHERE type = 'view'");
    EXPECT_EQ(views.size(), 9U);
    for (const auto& view : views) {
        const std::string query = "SELECT * FROM " + view.front();
        const bool shown = std::any_of(queries.begin(), queries.end(),
                                       [&](const std::string& q) { return q.starts_with(query); });
        EXPECT_TRUE(shown) << query;
    }
}

TEST(ReadmeRecipesTest, TheDagIsTheOneThatIsTriedWithAirflow) {
    const std::string dag = slurp(BATCHD_EXAMPLES "/airflow_dag.py");
    EXPECT_NE(slurp(BATCHD_README).find("```python\n" + dag + "```\n"), std::string::npos);
}

TEST_F(ReadmeTest, TheViewsSayWhatHasHappened) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    bench.drop("articles", articles(5));
    bench.drop("bad", "not a request\n");
    EXPECT_EQ(bench.run_once(), 1);
    const Database database = bench.database();
    EXPECT_TRUE(database.rows("SELECT * FROM running").empty());
    EXPECT_TRUE(database.rows("SELECT * FROM overdue").empty());
    EXPECT_EQ(database.value("SELECT requests FROM failures_today WHERE state = 'done'"), "1");
    EXPECT_EQ(database.value("SELECT jobs FROM failures_today WHERE state = 'rejected'"), "1");
    EXPECT_EQ(database.value("SELECT answered FROM tokens_by_day"), "4");
    EXPECT_EQ(database.value("SELECT model FROM tokens_by_day"), "gpt-4o-mini");
    EXPECT_EQ(database.value("SELECT model FROM spending"), "gpt-4o-mini");
    EXPECT_EQ(database.value("SELECT cost FROM spending"), database.value("SELECT sum(cost) FROM jobs"));
    EXPECT_EQ(database.value("SELECT saved = cost AND cost > 0 FROM spending"), "1");  // half price
    EXPECT_EQ(database.value("SELECT name FROM providers WHERE open AND batches_in_flight = 0"), "default");
    EXPECT_EQ(database.count("turnaround WHERE hours >= 0 AND hours < 1"), 2U);
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
