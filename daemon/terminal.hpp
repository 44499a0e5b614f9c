#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace batchd {

/// Standard output, as far as it is a terminal.
namespace terminal {

bool is_there();
struct Size {
    std::size_t columns = 80, lines = 24;
};
Size size();

}  // namespace terminal

/// The alternate screen of the terminal, from its construction to its destruction: what stood there before
/// comes back. Catches SIGINT, SIGTERM and SIGWINCH meanwhile.
class Screen {
public:
    Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    /// Replaces what is shown. What does not fit is cut, with a line that says so.
    void show(const std::vector<std::string>& lines);
};

/// Blocks the signals that end a watch or change its screen, so that wait_for_change() sees them.
void hold_signals();
enum class Waited { time_is_up, resized, asked_to_end };
/// Waits `time`, or until the terminal changes its size or somebody wants an end.
Waited wait_for_change(Millis time);

}  // namespace batchd
