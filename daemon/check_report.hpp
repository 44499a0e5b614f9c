#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "engine/plan/plan.hpp"

/// What `batchd check` says of a file, for people and for programs.
namespace batchd {

struct CheckedFile {
    std::string name;           ///< as it was given; "standard input" for "-"
    Result<engine::Plan> plan;  ///< an error: it can't be read
    std::vector<engine::Warning> warnings;
    bool is_rejected = false;

    /// Nothing is wrong with it. Warnings do not count.
    bool is_fine() const { return plan && !is_rejected && plan->totals.bad_lines == 0; }
};

/// Warnings about the name that a file would have in the inbox, and those about its requests. `path` is empty
/// for standard input.
CheckedFile check_file(const std::string& name, const Path& path, Result<engine::Plan> plan,
                       const config::Settings& settings);

/// Several lines.
std::string check_text(const CheckedFile& file);
/// One line; README.md has the shape.
std::string check_json(const std::vector<CheckedFile>& files);

}  // namespace batchd
