#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sim/damage.hpp"

namespace batchd::sim {

/// Something that is said and is not so. What is true, and what was paid for, is as it was.
struct Lie {
    enum class About {
        batch,    ///< a batch object, wherever it is shown
        file,     ///< a file object, likewise
        page,     ///< a page of a listing as a whole
        content,  ///< what is in a file
    } about = About::batch;

    // When it is told. The looks at each object are counted apart, but creates and uploads together.
    std::set<std::string> in;  ///< create, get, list, cancel, upload; a page: batches, files; none: all
    std::set<std::uint64_t> batches;  ///< only of these, or of their files, counted from 1; none: of any
    std::string of;                   ///< content: only of an "output", "errors" or "input" file; "": any
    boost::json::object when;         ///< only where the true object has these members
    std::uint64_t skip = 0;           ///< looks at an object that see the truth first
    std::int64_t times = 1;           ///< looks after these; -1: all
    std::optional<Millis> lasts;      ///< from the first time it is told; then `times` is all
    std::optional<TimePoint> until;   ///< which has come then

    // What is said about an object or a page.
    boost::json::value
        instead;                ///< the number of another batch, or an id: that one's object, file or content
    bool under_own_id = false;  ///< `instead` bears the id of the true object, and all the rest is another's
    boost::json::object set;    ///< as for set_members()
    std::vector<std::string> drop;
    bool hide = false;  ///< it is not in the listing
    std::string fill;   ///< the array that is filled with …
    boost::json::value item;
    std::uint64_t bytes = 0;  ///< … so many bytes of `item`; a cut of `damage` as well

    // What is said to be in a file. Its object keeps the true size.
    std::optional<std::uint64_t> lines;  ///< only the first so many
    std::optional<Damage> damage;        ///< what lines look like …
    std::string match = "*";             ///< … whose custom_id is like this

    std::map<std::string, std::uint64_t> looks;  ///< at each object so far
};

/// The lies in force. Those that are told about one object are told together, in order.
class Lies {
public:
    /// Reads a lie from JSON. Errors: bad_input, with the key and what would be right.
    Result<void> add(const boost::json::value& description);
    void clear() { lies_.clear(); }
    bool empty() const { return lies_.empty(); }
    std::vector<Lie>& all() { return lies_; }

private:
    std::vector<Lie> lies_;
};

/// Whether a lie that fits an object is told this time; counts the look at the object `id`.
bool is_told(Lie& lie, const std::string& id, TimePoint now);

}  // namespace batchd::sim
