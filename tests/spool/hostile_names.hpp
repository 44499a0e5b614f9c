#pragma once

#include <array>
#include <string>

namespace batchd::testing {

/// NAMEs that are legal on Linux and that some program somewhere chokes on.
inline std::array<std::string, 16> hostile_names() {
    return {"line\nbreak", "quote\"s'",  "%s%n",      "a..b",
            "-rf",         "trailing ",  "\xff\xfe",  "\x1b[31m",
            "a\\b",        "$(reboot)",  "日本語 😀", "x..",
            "*",           "semi;colon", "tab\t.",    std::string(249, 'n')};
}

}  // namespace batchd::testing
