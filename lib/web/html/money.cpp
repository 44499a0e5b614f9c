#include "web/html/money.hpp"

#include "report/money_text.hpp"
#include "web/html/words.hpp"

namespace batchd::web {

Html money_html(const std::optional<std::int64_t>& nano_dollars) {
    Html html;
    if (!nano_dollars) return std::move(html << "unknown");
    html << Text(report::money_text(nano_dollars));
    return html;
}

Html tokens_html(std::uint64_t input, std::uint64_t output, const store::Spent& spent) {
    Html html;
    html << number_html(input) << " tokens in";
    if (spent.cached_tokens > 0) html << " (" << number_html(spent.cached_tokens) << " of them cached)";
    html << ", " << number_html(output) << " out";
    if (spent.reasoning_tokens > 0)
        html << " (" << number_html(spent.reasoning_tokens) << " of them reasoning)";
    return html;
}

Html spent_html(const store::Spent& spent, Bill bill) {
    Html html;
    html << "<p>Cost";
    // Without these words the sum of a job that runs would be taken for its price.
    if (bill == Bill::goes_on) html << " so far";
    html << ": ";
    if (spent.cost) {
        html << "<strong>" << money_html(spent.cost) << " USD</strong>; at the price without batches "
             << money_html(spent.cost_sync) << " USD, saved " << money_html(report::saved(spent)) << " USD";
    } else {
        html << "<strong>unknown</strong>";
    }
    if (spent.unpriced > 0)
        html << "; " << number_html(spent.unpriced) << " answers could not be priced, and are not in it";
    return std::move(html << "</p>");
}

}  // namespace batchd::web
