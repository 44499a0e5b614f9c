#pragma once

#include <optional>
#include <span>
#include <string>

#include "sim/server.hpp"

namespace batchd::sim {

/// What the command line asks for.
struct CommandLine {
    ServerOptions server;
    std::optional<Path> self_signed;  ///< make certificates there and use them
    std::optional<Path> port_file;    ///< write the port there when it listens
    enum class Do { serve, show_help } what = Do::serve;
};

/// Reads the arguments, without the program's name. Errors: bad_input, naming the argument and what would be
/// right.
Result<CommandLine> read_command_line(std::span<const char* const> arguments);

/// How to use the program.
std::string usage();

}  // namespace batchd::sim
