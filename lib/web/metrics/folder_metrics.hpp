#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "config/settings.hpp"

namespace batchd::web {

/// What the disk says of the folders of the configuration.
struct Folders {
    std::map<std::string, std::uint64_t> free_bytes{};  ///< by the folder's name there: "inbox"
    std::map<std::string, std::uint64_t> waiting{};     ///< files NAME.jsonl that lie in the inbox, by queue
};

/// Looks. Blocking, for a pool: an inbox may hold a hundred thousand files. Of what can't be looked at there
/// is no number.
Folders read_folders(const config::Settings& settings);

}  // namespace batchd::web
