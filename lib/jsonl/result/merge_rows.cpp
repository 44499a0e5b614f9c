#include "jsonl/result/merge_rows.hpp"

#include <algorithm>
#include <queue>
#include <span>

namespace batchd::jsonl {
namespace {

/// Takes the row that a piece comes to next.
using Take = std::function<Result<bool>(RowFileReader& piece)>;

constexpr std::size_t kBufferMax = 1024 * 1024;

/// Row files that are gone when this is.
class ScratchFiles {
public:
    explicit ScratchFiles(Path directory) : directory_(std::move(directory)) {}
    ScratchFiles(const ScratchFiles&) = delete;
    ScratchFiles& operator=(const ScratchFiles&) = delete;
    ~ScratchFiles() {
        // What cannot be removed is overwritten by the next merge here.
        for (const Path& path : paths_) static_cast<void>(remove_row_file(path));
    }
    Path add() {
        return paths_.emplace_back(directory_ / ("merge-" + std::to_string(paths_.size() + 1) + ".jsonl"));
    }

private:
    Path directory_;
    std::vector<Path> paths_;
};

Result<std::vector<RowFileReader>> open_all(std::span<const Path> pieces, std::size_t memory_bytes) {
    // One share is left over for what the sink holds.
    const std::size_t buffer_bytes = std::min(kBufferMax, memory_bytes / (pieces.size() + 1));
    std::vector<RowFileReader> readers;
    readers.reserve(pieces.size());
    for (const Path& piece : pieces) {
        auto reader = RowFileReader::open(piece, buffer_bytes);
        if (!reader) return reader.error();
        readers.push_back(std::move(*reader));
    }
    return readers;
}

struct Head {
    std::uint64_t line_number;
    std::size_t piece;
    // For the queue, which has the greatest on top and is to have the lowest line there.
    bool operator>(const Head& other) const { return line_number > other.line_number; }
};

/// The pieces' next rows, the lowest line first.
class Heads {
public:
    explicit Heads(std::vector<RowFileReader>& readers) : readers_(readers) {}

    Result<void> add_next_of(std::size_t piece) {
        const auto ref = readers_[piece].peek();
        if (!ref) return ref.error();
        if (*ref != nullptr) queue_.push({(*ref)->line_number, piece});
        return {};
    }
    bool empty() const { return queue_.empty(); }
    Head pop() {
        const Head head = queue_.top();
        queue_.pop();
        return head;
    }

private:
    std::vector<RowFileReader>& readers_;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> queue_;
};

Result<MergeCounts> merge_open(std::vector<RowFileReader>& readers, const Take& take) {
    Heads heads(readers);
    for (std::size_t piece = 0; piece < readers.size(); ++piece) {
        if (auto added = heads.add_next_of(piece); !added) return added.error();
    }
    MergeCounts counts;
    Head last{0, 0};
    while (!heads.empty()) {
        const Head head = heads.pop();
        // A request with two outcomes is a bug or damage, and nobody could say which of them is right.
        if (head.line_number == last.line_number)
            return error(Errc::corrupt, "line " + std::to_string(head.line_number) + " is there twice, in " +
                                            readers[last.piece].path().string() + " and in " +
                                            readers[head.piece].path().string());
        // Only line numbers wait in the queue; a row's text is read when it is its turn.
        RowFileReader& piece = readers[head.piece];
        const auto next = piece.peek();
        if (!next) return next.error();
        ++counts.rows;
        counts.bytes += (*next)->size + 1;
        if (const auto taken = take(piece); !taken) return taken.error();
        piece.release_text();  // long rows of many pieces must not add up
        if (auto added = heads.add_next_of(head.piece); !added) return added.error();
        last = head;
    }
    return counts;
}

Result<MergeCounts> merge_some(std::span<const Path> pieces, const Take& take, std::size_t memory_bytes) {
    auto readers = open_all(pieces, memory_bytes);
    if (!readers) return readers.error();
    return merge_open(*readers, take);
}

Result<void> merge_into(const Path& path, std::span<const Path> pieces, std::size_t memory_bytes) {
    auto writer = RowFileWriter::create(path);
    if (!writer) return writer.error();
    // Where their bytes stand is copied, and not the bytes.
    const auto put = [&](RowFileReader& piece) { return writer->append_next_of(piece); };
    if (auto merged = merge_some(pieces, put, memory_bytes); !merged) return merged.error();
    return writer->commit();
}

}  // namespace

Result<MergeCounts> merge_rows(std::vector<Path> pieces, const std::function<Result<void>(const Row&)>& sink,
                               const MergeLimits& limits) {
    // With fewer than two at a time a merge would never come to an end.
    const std::size_t pieces_max = std::max<std::size_t>(limits.pieces_max, 2);
    ScratchFiles scratch(limits.scratch);
    while (pieces.size() > pieces_max) {
        // No more at once than it takes, so that the fewest rows are copied twice.
        const std::size_t group = std::min(pieces_max, pieces.size() - pieces_max + 1);
        const Path merged = scratch.add();
        const auto first = pieces.begin();
        const auto last = first + static_cast<std::ptrdiff_t>(group);
        // So many files are open at once at most, however many pieces a job has.
        if (auto done = merge_into(merged, std::span(pieces).first(group), limits.memory_bytes); !done)
            return done.error();
        pieces.erase(first, last);
        // At the end, so that the small pieces are merged before the large one is copied again.
        pieces.push_back(merged);
    }
    const auto give = [&](RowFileReader& piece) -> Result<bool> {
        Row row;
        if (auto read = piece.next(row); !read) return read;
        if (auto given = sink(row); !given) return given.error();
        return true;
    };
    return merge_some(pieces, give, limits.memory_bytes);
}

}  // namespace batchd::jsonl
