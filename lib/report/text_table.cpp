#include "report/text_table.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace batchd::report {
namespace {

constexpr std::size_t kGap = 2;

struct Range {
    char32_t first, last;
};
// Source: Unicode's EastAsianWidth.txt, W and F, in coarse blocks.
constexpr std::array kWide{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},  Range{0x3041, 0xA4CF},
                           Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},  Range{0xFE30, 0xFE6F},
                           Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},  Range{0x1F300, 0x1F64F},
                           Range{0x1F680, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
// Likewise, of UnicodeData.txt: combining marks, joiners, marks of direction and variation selectors.
constexpr std::array kZero{Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
                           Range{0x2060, 0x2069}, Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};

template <class Ranges>
bool is_in(const Ranges& ranges, char32_t character) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

std::size_t width_of_character(char32_t character) {
    if (is_in(kZero, character)) return 0;
    return is_in(kWide, character) ? 2 : 1;
}

/// Takes the first character off valid UTF-8.
char32_t take_character(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t character = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < std::min(size, text.size()); ++i)
        character = (character << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(std::min(size, text.size()));
    return character;
}

std::size_t total(const std::vector<std::size_t>& widths) {
    std::size_t sum = 0, shown = 0;
    for (const std::size_t width : widths) {
        sum += width;
        shown += width > 0 ? 1 : 0;
    }
    return sum + (shown == 0 ? 0 : (shown - 1) * kGap);
}

}  // namespace

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) width += width_of_character(take_character(text));
    return width;
}

std::string fit(std::string_view text, std::size_t width) {
    if (width_of(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::string_view rest = text;
    std::size_t used = 0, bytes = 0;
    while (!rest.empty()) {
        used += width_of_character(take_character(rest));
        // One column stays for the "~".
        if (used > width - 1) break;
        bytes = text.size() - rest.size();
    }
    return std::string(text.substr(0, bytes)) + "~";
}

TextTable::Widths TextTable::natural_widths() const {
    Widths widths;
    for (const Column& column : columns_) widths.push_back(width_of(column.title));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    return widths;
}

TextTable::Widths TextTable::widths_within(std::size_t width) const {
    Widths widths = natural_widths();
    for (;;) {
        Widths least = widths;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (columns_[i].cut_to > 0) least[i] = std::min(least[i], columns_[i].cut_to);
        // First whole columns go, then those that are left are cut: a column of three characters tells
        // nothing.
        if (total(least) <= width) break;
        std::optional<std::size_t> goes;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (widths[i] > 0 && columns_[i].dispensable > (goes ? columns_[*goes].dispensable : 0)) goes = i;
        // It is still too wide, and lines() cuts the lines themselves.
        if (!goes) return least;
        widths[*goes] = 0;
    }
    // From the right: what says which row it is stands on the left, and is cut last.
    for (std::size_t i = columns_.size(); i-- > 0;) {
        const std::size_t too_wide = total(widths) - std::min(total(widths), width);
        const std::size_t cut_to = columns_[i].cut_to;
        if (cut_to > 0 && widths[i] > cut_to)
            widths[i] = std::max(cut_to, widths[i] - std::min(widths[i], too_wide));
    }
    return widths;
}

std::vector<std::string> TextTable::lines(std::size_t width) const {
    const Widths widths = width == 0 ? natural_widths() : widths_within(width);
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    std::vector<std::string> lines{line(titles, widths)};
    for (const auto& row : rows_) lines.push_back(line(row, widths));
    if (width > 0)
        for (std::string& text : lines) text = fit(text, width);
    return lines;
}

std::string TextTable::line(const std::vector<std::string>& cells, const Widths& widths) const {
    std::string text;
    std::size_t at = 0;  // where the next column begins
    std::size_t written = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (widths[i] == 0) continue;
        const std::string cell = fit(cells[i], widths[i]);
        const std::size_t size = width_of(cell);
        const std::size_t begin = columns_[i].align == Align::right ? at + widths[i] - size : at;
        if (size > 0) {
            // Spaces are only written before a cell, so that none is left at the end of a line.
            text.append(begin - written, ' ');
            text += cell;
            written = begin + size;
        }
        at += widths[i] + kGap;
    }
    return text;
}

}  // namespace batchd::report
