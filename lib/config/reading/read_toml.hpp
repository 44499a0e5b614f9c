#pragma once

#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "config/load.hpp"
#include "config/values/value.hpp"

namespace batchd::config {

/// Reads TOML as a tree of values, members in the order of the file. A syntax error is a Problem at
/// FILE:LINE:COLUMN. Source: TOML 1.0
boost::system::result<Value::Table, Problem> read_toml(std::string_view toml, const std::string& file);
[[noreturn]] void throw_exception_from_error(const Problem& problem, const boost::source_location& where);

}  // namespace batchd::config
