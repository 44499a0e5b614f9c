#pragma once

#include <string>
#include <string_view>

#include "config/load.hpp"

namespace batchd::config {

inline const Environment kNothing = fixed_environment({});

inline LoadResult load_only(std::string_view toml, const Environment& environment = kNothing) {
    return load_text(toml, "batchd.toml", environment);
}

/// What is wrong with it, one line a problem.
inline std::string problems_of(const LoadResult& loaded) {
    std::string text;
    if (loaded) return text;
    for (const Problem& problem : loaded.error()) text += to_string(problem) + "\n";
    return text;
}

inline std::string problems(std::string_view toml, const Environment& environment = kNothing) {
    return problems_of(load_only(toml, environment));
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace batchd::config
