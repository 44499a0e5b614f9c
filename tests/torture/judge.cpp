#include "torture/judge.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest-spi.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "system/invariants.hpp"

namespace batchd::torture {
namespace {

namespace fs = std::filesystem;
using Kind = Finding::Kind;

/// Runs what asserts with GoogleTest, and answers what it complained of.
Findings complaints(Kind kind, const std::function<void()>& check) {
    ::testing::TestPartResultArray results;
    Findings findings;
    {
        const ::testing::ScopedFakeTestPartResultReporter reporter(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
        try {
            check();
        } catch (const std::exception& error) {
            findings.push_back({kind, error.what()});
        }
    }
    for (int i = 0; i < results.size(); ++i)
        if (results.GetTestPartResult(i).failed())
            findings.push_back({kind, results.GetTestPartResult(i).message()});
    return findings;
}

std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
        names.insert(it->path().filename().string());
    return names;
}

std::string list(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += " " + name;
    return text.empty() ? " nothing" : text;
}

/// `wanted`: NAME or QUEUE/NAME. The folders of the queues are there, whether they hold something or not.
void expect_names(Findings& findings, const fs::path& folder, const std::set<std::string>& wanted,
                  const std::set<std::string>& queues) {
    std::map<fs::path, std::set<std::string>> by_folder{{folder, queues}};
    for (const std::string& queue : queues) by_folder[folder / queue];
    for (const std::string& name : wanted)
        by_folder[(folder / name).parent_path()].insert(fs::path(name).filename().string());
    for (const auto& [where, names] : by_folder)
        if (const auto found = names_in(where); found != names)
            findings.push_back(
                {Kind::lost, where.string() + " holds" + list(found) + ", and not" + list(names)});
}

void check_published(testing::Workbench& bench, const std::string& name, const Expected& expected) {
    const testing::PublishedJob job = bench.published(name);
    EXPECT_EQ(job.output_ids(), expected.answered) << name;
    EXPECT_EQ(job.error_ids(), expected.failed) << name;
}

bool is_in(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// By its id in the job's own batches, or by its question where it goes by that.
bool has_run(const boost::json::object& rows, const std::string& name, const std::string& id) {
    const boost::json::value* const own = rows.if_contains(name);
    const boost::json::value* const by_text = rows.if_contains("");
    return (own != nullptr && own->as_object().contains(id)) ||
           (by_text != nullptr && by_text->as_object().contains("Summarise " + id));
}

/// Rows that may be without their answer: an answer that is called lost was given once, and one that is
/// called cancelled was cancelled by us.
void check_published_in_part(testing::Workbench& bench, const std::string& name, const Expected& expected) {
    const testing::PublishedJob job = bench.published(name);
    const boost::json::object report = bench.report();
    const boost::json::object& rows = report.at("rows").as_object();
    for (const std::string& id : job.output_ids())
        EXPECT_TRUE(is_in(expected.answered, id)) << name << " " << id;
    for (const testing::ResultLine& line : job.errors) {
        if (is_in(expected.failed, line.id)) continue;
        const std::string code = line.error_code();
        EXPECT_TRUE(is_in(expected.answered, line.id)) << name << " " << line.id;
        if (code == "answer_lost")
            EXPECT_TRUE(has_run(rows, name, line.id)) << line.id << " never ran";
        else
            EXPECT_TRUE(code == "batch_cancelled" && bench.job_state(name) == "cancelled")
                << name << " " << line.id << " " << code;
    }
}

void check_paid_once(testing::Workbench& bench) {
    const boost::json::object report = bench.report();
    EXPECT_EQ(report.at("violation_count").to_number<int>(), 0)
        << boost::json::serialize(report.at("violations"));
    for (const auto& [key, count] : report.at("creates_by_batchd_key").as_object())
        EXPECT_EQ(count.to_number<int>(), 1) << "batches with the mark " << key;
}

}  // namespace

Findings judge(testing::Workbench& bench, const ExpectedJobs& expected, Answers answers) {
    Findings findings;
    std::set<std::string> published, rejected;
    for (const auto& [name, job] : expected) (job.is_rejected ? rejected : published).insert(name);
    expect_names(findings, bench.inbox(), {}, bench.queues());
    expect_names(findings, bench.outbox(), published, bench.queues());
    expect_names(findings, bench.rejected(), rejected, bench.queues());
    const auto check = answers == Answers::all ? check_published : check_published_in_part;
    for (const std::string& name : published)
        append(findings, complaints(Kind::lost, [&] { check(bench, name, expected.at(name)); }));
    append(findings, complaints(Kind::twice, [&] { check_paid_once(bench); }));
    append(findings, complaints(Kind::broken, [&] { testing::check_invariants(bench); }));
    const auto remains = names_in(bench.state() / "work");
    if (!remains.empty())
        findings.push_back({Kind::broken, "the work directory is not cleaned up: it holds" + list(remains)});
    return findings;
}

}  // namespace batchd::torture
