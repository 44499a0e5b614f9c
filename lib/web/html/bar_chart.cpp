#include "web/html/bar_chart.hpp"

#include <algorithm>

namespace batchd::web {
namespace {

constexpr std::uint64_t kHeight = 1000;
// Units of the picture, which is stretched to whatever room there is: only their relation shows.
constexpr std::size_t kPitch = 10, kWidth = 8;

/// `part` of `whole` on a scale; never nothing where there is something.
std::uint64_t scaled(std::uint64_t part, std::uint64_t whole, std::uint64_t scale) {
    if (part == 0 || whole == 0) return 0;
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(share * static_cast<double>(scale)), 1,
                                     scale);
}

Html column_html(const Column& column, std::size_t x, std::uint64_t highest) {
    const std::uint64_t paid = scaled(column.paid, highest, kHeight);
    // The least of each is a line that can be seen, so the two together might stand out of the picture.
    const std::uint64_t saved = std::min(scaled(column.saved, highest, kHeight), kHeight - paid);
    Html html;
    html << "<g><title>" << Text(column.words) << "</title><rect class=\"saved\" x=\"" << x << "\" y=\""
         << kHeight - paid - saved << "\" width=\"" << kWidth << "\" height=\"" << saved
         << "\"></rect><rect class=\"paid\" x=\"" << x << "\" y=\"" << kHeight - paid << "\" width=\""
         << kWidth << "\" height=\"" << paid << "\"></rect></g>";
    return html;
}

}  // namespace

Html column_chart(const std::vector<Column>& columns, std::string_view what) {
    std::uint64_t highest = 0;
    for (const Column& column : columns) highest = std::max(highest, column.paid + column.saved);
    Html html;
    // At least one column wide, for a picture of no width is an error to some browsers.
    html << "<svg class=\"columns\" viewBox=\"0 0 " << std::max<std::size_t>(columns.size(), 1) * kPitch
         << " " << kHeight << "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" << Text(what)
         << "\">";
    for (std::size_t i = 0; i < columns.size(); ++i) html << column_html(columns[i], i * kPitch + 1, highest);
    html << "</svg>";
    return html;
}

Html share_bar(std::uint64_t part, std::uint64_t whole) {
    Html html;
    html << "<svg class=\"share\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\"><rect class=\"paid\" width=\""
         << scaled(part, whole, 1000) << "\" height=\"10\"></rect></svg>";
    return html;
}

}  // namespace batchd::web
