#pragma once

#include <string>
#include <string_view>

namespace batchd::spool {

/// What the name of something in the inbox says about it.
enum class NameVerdict {
    take,       ///< NAME.jsonl
    temporary,  ///< hidden, or somebody's unfinished file: begins with '.', ends in ~, .tmp, .part or .swp
    other_extension,  ///< not for us; worth one line in the log
};

/// A name is bytes: newlines, quotes and invalid UTF-8 are as good as any other. Without '/'.
NameVerdict classify_name(std::string_view file_name);

/// NAME of a file that classify_name() takes: without ".jsonl".
std::string job_name(std::string_view file_name);
/// What the file of a job of that name is called.
std::string file_name(std::string_view job_name);

}  // namespace batchd::spool
