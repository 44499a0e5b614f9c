#include <fstream>

#include "fuzz/target.hpp"
#include "provider/direct/journal/journal_file.hpp"
#include "provider/direct/journal/journal_format.hpp"
#include "support/temp_dir.hpp"

namespace batchd::fuzz {

namespace {

namespace direct = provider::direct;

/// Records whose checksums are right are rare among random bytes: each 40 are given theirs where the first
/// byte of the input is odd.
std::string with_checksums(std::string records) {
    for (std::size_t at = 0; at + direct::kRecordBytes <= records.size(); at += direct::kRecordBytes) {
        const std::uint32_t crc = direct::crc32(std::string_view(records).substr(at, 36));
        for (unsigned byte = 0; byte < 4; ++byte)
            records[at + 36 + byte] = static_cast<char>(crc >> (8 * byte));
    }
    return records;
}

}  // namespace

/// The first byte: whether checksums are put right; two bytes FE part the records from the results.
void direct_journal(std::string_view input) {
    if (input.empty()) return;
    static const testing::TempDir dir;
    const bool mends = (static_cast<unsigned char>(input.front()) & 1U) != 0;
    input.remove_prefix(1);
    const std::size_t parting = input.find("\xFE\xFE");
    const std::string records(input.substr(0, parting));
    const std::string results(parting == std::string_view::npos ? "" : input.substr(parting + 2));
    const direct::JournalPaths paths{dir.path() / "journal", dir.path() / "results"};
    std::ofstream(paths.journal, std::ios::binary)
        << direct::kJournalHead << (mends ? with_checksums(records) : records);
    std::ofstream(paths.results, std::ios::binary) << results;

    const auto first = direct::open_journal(paths);
    expect(first.has_value(), "whatever is in the records, the journal opens");
    const std::string mended = testing::slurp(paths.results);
    expect(mended.size() <= results.size(), "nothing is made up");
    expect(mended.empty() || mended.back() == '\n', "the results end with a line");
    const direct::Replay& replay = first->replay;
    for (std::size_t i = 1; i < replay.settled.size(); ++i)
        expect(replay.settled[i - 1].row < replay.settled[i].row, "a row has one end");
    for (const auto& row : replay.settled)
        expect(row.offset + row.size < mended.size() && mended[row.offset + row.size] == '\n',
               "a line stands where it is said to");
    for (const std::uint64_t row : replay.in_flight)
        expect(!replay.has_end(row), "what has its end is not under way");
    const auto second = direct::open_journal(paths);
    expect(second.has_value() && second->replay.settled.size() == replay.settled.size(),
           "the second start sees what the first saw");
    expect(second->replay.in_flight == replay.in_flight, "and the same under way");
    expect(testing::slurp(paths.results) == mended, "and has nothing to mend");
}

}  // namespace batchd::fuzz
