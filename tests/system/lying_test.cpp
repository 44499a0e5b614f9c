#include "system/lying_test.hpp"

#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "sim/backend.hpp"

namespace batchd::testing {

LyingTest::LyingTest() {
    // Which lie is about which batch can be said where each file has its own.
    bench.set("batch.share", "false");
    bench.use_transport(Transport::plain);
    bench.set("batch.model", "\"gpt-4o-mini\"");
    bench.set("poll.interval", "\"200ms\"");
    bench.set("spool.settle_time", "\"200ms\"");
    bench.set("retry.result_patience", "\"3s\"");
    bench.set("retry.cancel_patience", "\"1s\"");
}

void LyingTest::make(const Trouble& trouble) {
    for (const std::string& text : trouble.settings) manner(text);
    for (const std::string& text : trouble.planted) bench.provider().plant_batches(text);
    for (const std::string& text : trouble.lies) lie(text);
    for (const std::string& text : trouble.faults) fault(text);
}

Ids LyingTest::row_ids(unsigned count) {
    Ids ids;
    for (unsigned i = 1; i <= count; ++i) ids.push_back("r-" + std::to_string(i));
    return ids;
}

std::string LyingTest::rows(unsigned count) {
    Ids lines;
    for (const std::string& id : row_ids(count)) lines.push_back(chat_line(id));
    return file_of(lines);
}

void LyingTest::run_one_job(unsigned count) {
    bench.drop("in", rows(count));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

void LyingTest::run_jobs(unsigned jobs, unsigned count) {
    for (unsigned i = 1; i <= jobs; ++i) bench.drop("job-" + std::to_string(i), rows(count));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(jobs));
}

void LyingTest::expect_answered(const std::string& name, unsigned count) {
    EXPECT_EQ(bench.job_state(name), "done") << name;
    EXPECT_EQ(bench.published(name).output_ids(), row_ids(count)) << name;
}

bool LyingTest::wait_until_held_or_ended(std::size_t jobs, Millis deadline) {
    return bench.wait_until(
        [&] { return is_held() || bench.database().count("jobs WHERE finished_at IS NOT NULL") >= jobs; },
        deadline);
}

bool LyingTest::wait_for_phase(const std::string& phase, std::size_t count) {
    return bench.wait_until(
        [&] { return bench.database().count("batches WHERE phase = ?", {phase}) >= count; });
}

void LyingTest::expect_that_cancel_ends(int job, std::size_t ended) {
    bench.ask("cancel", job);
    EXPECT_TRUE(bench.wait_for_jobs(ended));
}

std::uint64_t LyingTest::batches_at_provider() {
    return bench.report().at("batches").as_array().size();
}

std::uint64_t LyingTest::rows_paid_twice() {
    return bench.report().at("rows_paid_twice").to_number<std::uint64_t>();
}

std::string LyingTest::somebody_elses_batch(const std::string& content) {
    std::string id;
    bench.provider().with([&](sim::Backend& backend) {
        sim::StoredFile file{.id = backend.files.new_id(0, "openai"),
                             .account = "",
                             .purpose = "batch",
                             .filename = "theirs.jsonl",
                             .size_bytes = content.size(),
                             .created_at = backend.clock.now(),
                             .expires_at = std::nullopt};
        const std::string file_id = file.id;
        std::ofstream(backend.files.path_of(file_id)) << content;
        backend.files.add(std::move(file));
        sim::Batch& batch = backend.batches.add({.input_file_id = file_id,
                                                 .endpoint = "/v1/chat/completions",
                                                 .completion_window = "24h",
                                                 .metadata = std::nullopt,
                                                 .output_expires_seconds = std::nullopt},
                                                backend.settings, backend.clock.now());
        backend.runner.watch(batch);
        id = batch.id;
    });
    return id;
}

}  // namespace batchd::testing
