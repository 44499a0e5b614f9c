#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Tables of text for a terminal or a pipe.
namespace batchd::report {

/// Columns of a terminal that printable UTF-8 text takes: two for wide characters, none for combining ones.
std::size_t width_of(std::string_view text);
/// `text`, cut with "~" at its end where it is wider than `width`.
std::string fit(std::string_view text, std::size_t width);

class TextTable {
public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
        /// Where there is no room, the columns with the highest number go first; 0: it never goes.
        unsigned dispensable = 0;
        /// It may be cut down to this width; 0: it may not be cut.
        std::size_t cut_to = 0;
    };

    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// One cell a column.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    /// A line of titles and one for each row, none of them wider than `width` (0: as wide as it takes) and
    /// none with spaces at its end.
    std::vector<std::string> lines(std::size_t width) const;

private:
    using Widths = std::vector<std::size_t>;  // by column; a column that is left out has no width

    Widths natural_widths() const;
    Widths widths_within(std::size_t width) const;
    std::string line(const std::vector<std::string>& cells, const Widths& widths) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace batchd::report
