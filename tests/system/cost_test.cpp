#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "money/nano_dollars.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using CostTest = SystemTest;

TEST_F(CostTest, TellsTheCostInFourFormsThatAddUpToEachOther) {
    bench.drop("one", file_of({chat_line("a"), chat_line("b", "gpt-4.1")}));
    bench.drop("two", file_of({chat_line("a"), chat_line("b", "unheard-of")}));
    ASSERT_EQ(bench.run_once(), 0);
    std::set<std::string> totals;
    for (const char* by : {"day", "model", "queue", "job"}) {
        EXPECT_EQ(bench.run({"cost", "--by", by, "--json"}), 0);
        std::string all = bench.output();  // of all runs so far, a line each
        all.pop_back();
        const auto shown = boost::json::parse(all.substr(all.rfind('\n') + 1));
        EXPECT_EQ(shown.at("by").as_string(), by);
        std::uint64_t requests = 0;
        for (const auto& row : shown.at("rows").as_array())
            requests += row.at("requests").to_number<std::uint64_t>();
        EXPECT_EQ(requests, 4U);
        EXPECT_EQ(shown.at("total").at("unpriced"), 1);
        totals.insert(boost::json::serialize(shown.at("total")));
    }
    EXPECT_EQ(totals.size(), 1U);
    const std::string cost(boost::json::parse(*totals.begin()).at("cost").as_string());
    EXPECT_EQ(bench.database().value("SELECT sum(cost) FROM jobs"),
              std::to_string(money::parse_dollars(cost).value().count()));
    EXPECT_EQ(bench.run({"cost", "--by", "weather"}), 2);
}

TEST_F(CostTest, SaysThatNothingWasCollectedYet) {
    bench.drop("bad", "not a request\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.run({"cost"}), 0);
    EXPECT_EQ(bench.output(), "nothing was collected in this time\n");
    EXPECT_EQ(bench.run({"cost", "--since", "yesterday"}), 2);
}

}  // namespace
}  // namespace batchd::testing
