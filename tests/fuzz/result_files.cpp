#include <fstream>

#include "fuzz/target.hpp"
#include "jsonl/match/match_results.hpp"
#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::fuzz {

namespace {

using jsonl::RowFileWriter;

constexpr int kRows = 4;

struct Shard {
    Shard() {
        auto writer = RowFileWriter::create(paths.prepared).value();
        for (int row = 1; row <= kRows; ++row) {
            const std::string id = "r" + std::to_string(row);
            const std::string line =
                R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/x","body":{}})";
            writer.append(static_cast<std::uint64_t>(row * 10), digest128(id), line).value();
        }
        writer.commit().value();
        paths.results = {dir.path() / "output", dir.path() / "error"};
    }

    testing::TempDir dir;
    jsonl::MatchPaths paths{.prepared = dir.path() / "prepared.jsonl",
                            .results = {},
                            .succeeded = dir.path() / "succeeded.jsonl",
                            .failed = dir.path() / "failed.jsonl",
                            .again = dir.path() / "again.jsonl"};
};

std::uint64_t rows_in(const Path& path) {
    if (!jsonl::row_file_exists(path).value()) return 0;
    auto reader = jsonl::RowFileReader::open(path).value();
    std::uint64_t count = 0;
    for (jsonl::Row row; reader.next(row).value(); ++count)
        expect(row.line_number % 10 == 0 && row.line_number <= kRows * 10,
               "a row belongs to a line that was sent");
    return count;
}

}  // namespace

/// The first byte says how the rows are to be judged; a NUL parts the output file from the error file.
void result_files(std::string_view input) {
    if (input.empty()) return;
    static Shard shard;
    const unsigned choice = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const std::size_t parting = input.find('\0');
    std::ofstream(shard.paths.results[0], std::ios::binary) << input.substr(0, parting);
    std::ofstream(shard.paths.results[1], std::ios::binary)
        << (parting == std::string_view::npos ? "" : input.substr(parting + 1));
    const auto report = jsonl::match_results(
        shard.paths,
        {.attempts = (choice & 1U) != 0 ? jsonl::Attempts::left : jsonl::Attempts::exhausted,
         .when_cancelled = (choice & 2U) != 0 ? jsonl::WhenCancelled::retry : jsonl::WhenCancelled::give_up});
    expect(report.has_value(), "whatever the provider gave, it is matched");
    expect(report->succeeded + report->failed + report->again == kRows, "each row comes out once");
    expect(rows_in(shard.paths.succeeded) == report->succeeded, "the answers are there");
    expect(rows_in(shard.paths.failed) == report->failed, "the failures are there");
    expect(rows_in(shard.paths.again) == report->again, "the rows that go out again are there");
}

}  // namespace batchd::fuzz
