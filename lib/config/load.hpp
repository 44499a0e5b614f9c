#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "config/environment.hpp"
#include "config/settings.hpp"

namespace batchd::config {

inline constexpr std::string_view kDefaultFile = "/etc/batchd/batchd.toml";

/// One thing wrong with the configuration.
struct Problem {
    std::string where;  ///< "/etc/batchd/batchd.toml:12" or "environment OPENAI_BASE_URL"
    std::string key;    ///< "spool.inbox"; "" where it is about the file
    std::string what;   ///< what is wrong, and what would be right
};

/// "FILE:LINE: KEY is …: must be …": one line for people.
std::string to_string(const Problem& problem);

/// The configuration as it is in force.
struct Loaded {
    Settings settings;
    /// Where the value of a key came from, "FILE:LINE" or "environment NAME"; keys that have their default
    /// are not in it.
    std::map<std::string, std::string, std::less<>> sources;
};

/// What only others know of a value. Each says what is wrong with it, as a problem's `what`, or nothing; one
/// that is not set finds nothing wrong. They are asked for values that are set only.
struct Checks {
    using Fault = std::optional<std::string>;
    std::function<Fault(const std::string& timezone)> timezone;  ///< "": the machine's
    std::function<Fault(const std::string& schedule)> schedule;
    std::function<Fault(const std::string& group)> group;
    std::function<Fault(const std::string& budget)> budget;
    std::function<Fault(const std::string& json)> then_template;
    std::function<Fault(const std::map<std::string, ModelPrices>& models)> prices;
};

/// The problems are all that there are, in the order of the file.
using LoadResult = boost::system::result<Loaded, std::vector<Problem>>;
[[noreturn]] void throw_exception_from_error(const std::vector<Problem>& problems,
                                             const boost::source_location& where);

/// Reads `file`, which must be there, or without one the default file, which need not be: all keys have
/// defaults. What is in batchd.d/*.toml beside it is read after it, in order of name.
LoadResult load(const std::optional<Path>& file, const Environment& environment, const Checks& checks = {});

/// A file that is in memory; `name` is how messages name it.
struct Source {
    std::string name;
    std::string toml;
};

/// The same for files that are in memory.
LoadResult load_sources(const std::vector<Source>& sources, const Environment& environment,
                        const Checks& checks = {});
/// One file that is in memory, without what only others know of its values.
LoadResult load_text(std::string_view toml, const std::string& file, const Environment& environment);

}  // namespace batchd::config
