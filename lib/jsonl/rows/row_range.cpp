#include "jsonl/rows/row_range.hpp"

#include <fcntl.h>

#include "jsonl/rows/row_format.hpp"

namespace batchd::jsonl {
namespace {

/// An open row file whose rows are read one by one.
class RandomRows {
public:
    static Result<RandomRows> open(const Path& path) {
        const auto text = open_file(path, O_RDONLY);
        if (!text) return text.error();
        auto index = open_file(row_format::index_path(path), O_RDONLY);
        if (!index) return index.error();
        const auto foot = row_format::check_frame(index->get(), text->get(), path);
        if (!foot) return foot.error();
        return RandomRows(std::move(*index), *foot, path);
    }

    std::uint64_t count() const { return foot_.count; }

    Result<RowRef> at(std::uint64_t row) const {
        char bytes[row_format::kRowBytes];
        const std::uint64_t offset = row_format::kHead.size() + row * row_format::kRowBytes;
        if (auto read = read_exactly_at(index_.get(), bytes, sizeof bytes, offset); !read)
            return within(path_.string(), read.error());
        const RowRef ref = row_format::decode_row(bytes);
        if (ref.offset > foot_.text_bytes || ref.size >= foot_.text_bytes - ref.offset)
            return error(Errc::corrupt, path_.string() + " ends before its row " + std::to_string(row + 1));
        return ref;
    }

    /// The first row whose number is not below `number`.
    Result<std::uint64_t> lower_bound(std::uint64_t number) const {
        std::uint64_t low = 0;
        for (std::uint64_t high = foot_.count; low < high;) {
            const std::uint64_t middle = low + (high - low) / 2;
            const auto ref = at(middle);
            if (!ref) return ref.error();
            if (ref->line_number < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

private:
    RandomRows(UniqueFd index, row_format::Foot foot, Path path)
        : index_(std::move(index)), foot_(foot), path_(std::move(path)) {}

    UniqueFd index_;
    row_format::Foot foot_;
    Path path_;
};

}  // namespace

Result<std::vector<RowRef>> find_rows(const Path& path, std::uint64_t first, std::uint64_t last) {
    const auto rows = RandomRows::open(path);
    if (!rows) return rows.error();
    const auto begin = rows->lower_bound(first);
    if (!begin) return begin.error();
    std::vector<RowRef> found;
    for (std::uint64_t row = *begin; row < rows->count(); ++row) {
        const auto ref = rows->at(row);
        if (!ref) return ref.error();
        if (ref->line_number > last) break;
        found.push_back(*ref);
    }
    return found;
}

}  // namespace batchd::jsonl
