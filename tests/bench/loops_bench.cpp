/// The inner loops, each on one thread, on a file that BATCHD_BENCH_INPUT names: requests, one a line.

#include <cstdlib>
#include <map>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <fcntl.h>

#include "base/disk/file.hpp"
#include "base/disk/sha256.hpp"
#include "config/settings.hpp"
#include "engine/plan/plan.hpp"
#include "engine/prepare/request_scan.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/match/match_results.hpp"
#include "jsonl/result/merge_rows.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/layout.hpp"

namespace {

using namespace batchd;

constexpr std::size_t kLineMax = 200'000'000;
constexpr const char* kJob = "00000000-0000-4000-8000-000000000000";

template <class T>
T expect(Result<T> result) {
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Path input() {
    const char* const name = std::getenv("BATCHD_BENCH_INPUT");
    if (name == nullptr) throw std::runtime_error("BATCHD_BENCH_INPUT must name a file of requests");
    return name;
}

/// A work directory beside the input.
spool::Layout layout() {
    const spool::Layout layout{input().parent_path() / "loops"};
    expect(make_directory(layout.work_directory(kJob)));
    return layout;
}

void count_bytes(benchmark::State& state, std::uint64_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * static_cast<std::int64_t>(state.iterations()));
}

void read_lines(benchmark::State& state) {
    std::uint64_t bytes = 0;
    for (auto _ : state) {
        const UniqueFd fd = expect(open_file(input(), O_RDONLY));
        jsonl::LineReader reader(fd.get(), kLineMax);
        for (jsonl::Line line; expect(reader.next(line));) benchmark::DoNotOptimize(line);
        bytes = reader.bytes_read();
    }
    count_bytes(state, bytes);
}
BENCHMARK(read_lines)->Unit(benchmark::kMillisecond);

void hash(benchmark::State& state) {
    std::uint64_t bytes = 0;
    for (auto _ : state) {
        const UniqueFd fd = expect(open_file(input(), O_RDONLY));
        benchmark::DoNotOptimize(expect(sha256_of(fd.get())));
        bytes = std::filesystem::file_size(input());
    }
    count_bytes(state, bytes);
}
BENCHMARK(hash)->Unit(benchmark::kMillisecond);

/// What `batchd check` does: lines, ids, split.
void check(benchmark::State& state) {
    std::uint64_t bytes = 0;
    for (auto _ : state) bytes = expect(engine::plan_offline(input(), {})).totals.size_bytes;
    count_bytes(state, bytes);
}
BENCHMARK(check)->Unit(benchmark::kMillisecond);

/// What the planner does, with its syncs: the same, and where each request stands, and the hash.
void plan(benchmark::State& state) {
    const spool::Layout places = layout();
    std::error_code ignored;  // there from the last time
    std::filesystem::create_hard_link(input(), places.input(kJob), ignored);
    std::uint64_t bytes = 0;
    for (auto _ : state) bytes = expect(engine::plan_job(places, kJob, {})).totals.size_bytes;
    count_bytes(state, bytes);
}
BENCHMARK(plan)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

/// Answers to all requests of the input, in another order, and the row file that they are matched with.
struct Answers {
    jsonl::MatchPaths paths;
    std::uint64_t bytes = 0;
};

Answers make_answers(const spool::Layout& places) {
    const Path directory = places.work_directory(kJob);
    Answers answers;
    answers.paths.prepared = directory / "match-prepared.jsonl";
    answers.paths.succeeded = directory / "match-succeeded.jsonl";
    answers.paths.failed = directory / "match-failed.jsonl";
    answers.paths.again = directory / "match-again.jsonl";
    answers.paths.results = {directory / "match-output.jsonl"};
    auto rows = expect(jsonl::RowFileWriter::create(answers.paths.prepared));
    std::multimap<std::uint64_t, std::string> shuffled;  // by a bit mix of the line number
    const engine::ScanVisitor visitor{
        .request = [&](const engine::ScannedRequest& request) -> Result<void> {
            std::string prepared;
            jsonl::append_prepared(request.request, prepared);
            prepared.pop_back();  // its LF
            std::string content(prepared.substr(prepared.rfind("\"content\"")));
            content.resize(content.find("}]"));  // no text of ours has that
            const std::string id(prepared.substr(13, prepared.find('"', 14) - 12));
            shuffled.emplace(
                request.line.number * 0x9E3779B97F4A7C15ULL,
                R"({"id":"batch_req_1","custom_id":)" + id +
                    R"(,"response":{"status_code":200,"request_id":"r","body":{"id":"c",)"
                    R"("object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)" +
                    content +
                    R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,)"
                    R"("completion_tokens":100,"total_tokens":1100}}},"error":null})");
            return rows.append(request.line.number, request.id, prepared);
        },
        .bad_line = [](const engine::ScannedBadLine& bad) -> Result<void> {
            throw std::runtime_error(bad.what);
        }};
    expect(engine::scan_requests(input(), {}, engine::ScanHash::none, visitor));
    expect(rows.commit());
    auto output = expect(FileWriter::create(answers.paths.results.front()));
    for (const auto& [place, line] : shuffled) expect(output.append(line + "\n"));
    answers.bytes = output.size_bytes();
    expect(output.commit());
    return answers;
}

/// What the collector does behind the download.
void match(benchmark::State& state) {
    const Answers answers = make_answers(layout());
    for (auto _ : state) {
        const auto report = expect(jsonl::match_results(answers.paths, {}));
        if (report.failed + report.again > 0) state.SkipWithError("rows without their answer");
    }
    count_bytes(state, answers.bytes);
}
BENCHMARK(match)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

/// What the deliverer does: here with one piece, which is what `match` has left.
void merge(benchmark::State& state) {
    const spool::Layout places = layout();
    const Answers answers = make_answers(places);
    expect(jsonl::match_results(answers.paths, {}));
    for (auto _ : state) {
        auto writer = expect(FileWriter::create(places.work_directory(kJob) / "merged.jsonl"));
        const auto sink = [&](const jsonl::Row& row) -> Result<void> {
            if (auto put = writer.append(row.text); !put) return put;
            return writer.append("\n");
        };
        expect(jsonl::merge_rows({answers.paths.succeeded}, sink, {.scratch = places.work_directory(kJob)}));
        expect(writer.commit());
    }
    count_bytes(state, answers.bytes);
}
BENCHMARK(merge)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
