#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

/// Archives in the format ustar, with GNU's form for sizes of 8 GiB and more. Pure.
/// Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, "Extensions to the format".
namespace batchd::web {

inline constexpr std::size_t kTarBlock = 512;

/// The block in front of a regular file's bytes. `name` is at most 100 bytes long.
std::string tar_header(std::string_view name, std::uint64_t size, TimePoint modified);

/// So many 0 bytes follow a file's own.
std::size_t tar_padding(std::uint64_t size);

/// What an archive ends with.
std::string tar_end();

/// The name of a folder in an archive, for a job of that name: it leads nowhere else, whoever unpacks it.
std::string tar_folder(std::string_view job_name);

}  // namespace batchd::web
