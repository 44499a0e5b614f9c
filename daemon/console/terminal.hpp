#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <termios.h>

#include "base/units.hpp"

namespace batchd {

/// Standard output, as far as it is a terminal.
namespace terminal {

/// False for a pipe or a file.
bool is_there();
/// Of the terminal, in characters.
struct Size {
    std::size_t columns = 80, lines = 24;
};
Size size();

}  // namespace terminal

/// The alternate screen of the terminal, from its construction to its destruction: what stood there before
/// comes back. Meanwhile a key that is pressed is there at once, and not shown; wait_for_change() reads it.
class Screen {
public:
    Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    /// Replaces what is shown. What does not fit is left out before the last `foot` lines, with a line that
    /// says so.
    void show(const std::vector<std::string>& lines, std::size_t foot);
    /// False where nobody can press a key that we would hear of.
    bool reads_keys() const { return before_.has_value(); }

private:
    std::optional<termios> before_;  // how keys were read, where standard input is the same terminal's
};

/// The lines that `room` has place for, as Screen::show() chooses them. `room` is at least 1.
std::vector<std::string> fit_lines(const std::vector<std::string>& lines, std::size_t foot, std::size_t room);

/// Blocks the signals that end a watch or change its screen, so that wait_for_change() sees them.
void hold_signals();
enum class Waited { time_is_up, resized, asked_to_end };
/// Waits `time`, or until the terminal changes its size or somebody wants an end: by a signal or, where there
/// is a screen, by `q`. Signals must be held.
Waited wait_for_change(Millis time, const Screen* screen);

}  // namespace batchd
