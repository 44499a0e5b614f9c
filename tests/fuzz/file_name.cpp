#include "fuzz/target.hpp"
#include "spool/layout.hpp"

namespace batchd::fuzz {

/// A name of a dropped file: anything that a directory can hold.
void file_name(std::string_view input) {
    spool::parse_prepared_name(input);
    if (input.empty() || input.size() > spool::kFileNameMax || input.find('/') != std::string_view::npos ||
        input.find('\0') != std::string_view::npos)
        return;
    for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{999'999}}) {
        const std::string published = spool::published_name(input, number);
        expect(published.size() <= spool::kFileNameMax, "a folder's name is short enough");
        // Not always the same number: a name that ends in ".2" and leaves no room for more is both its own
        // first folder and its second.
        const auto found = spool::published_number(input, published);
        expect(found && spool::published_name(input, *found) == published,
               "a folder is known for the name's own");
    }
    const std::string hidden = spool::building_name(input, "6f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a11");
    expect(hidden.size() <= spool::kFileNameMax && hidden.starts_with('.'), "a hidden name is one");
}

}  // namespace batchd::fuzz
