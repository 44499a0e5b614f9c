#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>

#include "provider/provider.hpp"

namespace batchd::engine {

/// What a visitor of a listing says after an item or a page.
enum class Visit { go_on, enough };

/// How a walk through a listing ended.
enum class Extent {
    enough,     ///< the visitor had seen enough
    whole,      ///< the listing has no more
    cut_short,  ///< the most pages that were allowed are used up, or it shows the same again and again
};

/// Walks through a listing, newest first, page by page, and calls `visit.see(item)` once for each item (by
/// id) and `visit.end_page(page)` after each page.
///
/// The provider's paging is not exact: rows that share a second with the cursor can be skipped or repeated.
/// So each page begins a few rows before the end of the last one, and what was seen already is passed over.
/// `fetch(after)` is Provider::list_files or list_batches.
template <class Item, class Fetch, class Visitor>
boost::asio::awaitable<provider::Answer<Extent>> walk_pages(Fetch fetch, Visitor& visit, unsigned pages_max) {
    constexpr std::size_t kOverlap = 5;
    std::unordered_set<std::string> seen;
    std::string after;
    for (unsigned page_count = 0; page_count < pages_max; ++page_count) {
        provider::Answer<provider::Page<Item>> page = co_await fetch(after);
        if (!page) co_return page.error();
        bool anything_new = false;
        for (const Item& item : page->items) {
            if (!seen.insert(item.id).second) continue;
            anything_new = true;
            if (visit.see(item) == Visit::enough) co_return Extent::enough;
        }
        if (visit.end_page(*page) == Visit::enough) co_return Extent::enough;
        if (!page->has_more) co_return Extent::whole;
        if (page->items.empty() && seen.empty()) co_return Extent::cut_short;  // more of nothing
        // A listing that claims to have more and brings nothing new would go on for ever. With nothing behind
        // the overlap it has ended; with more of the old it does not heed the cursor, and hides the rest.
        if (!anything_new) co_return page->items.size() <= kOverlap ? Extent::whole : Extent::cut_short;
        const std::size_t last = page->items.size() - 1;
        after = page->items[last >= 2 * kOverlap ? last - kOverlap : last].id;
    }
    co_return Extent::cut_short;
}

/// walk_pages() for whom only the items matter: `visit(item)`.
template <class Item, class Fetch, class Visitor>
boost::asio::awaitable<provider::Answer<Extent>> walk_listing(Fetch fetch, Visitor visit,
                                                              unsigned pages_max) {
    struct Items {
        Visitor& visit;
        Visit see(const Item& item) { return visit(item); }
        Visit end_page(const provider::Page<Item>&) { return Visit::go_on; }
    };
    Items items{visit};
    co_return co_await walk_pages<Item>(std::move(fetch), items, pages_max);
}

}  // namespace batchd::engine
