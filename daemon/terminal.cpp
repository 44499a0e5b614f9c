#include "terminal.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace batchd {
namespace {

sigset_t watched_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&signals, number);
    return signals;
}

void write_out(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

bool terminal::is_there() {
    return ::isatty(STDOUT_FILENO) == 1;
}

terminal::Size terminal::size() {
    winsize window{};
    Size size;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0) return size;
    if (window.ws_col > 0) size.columns = window.ws_col;
    if (window.ws_row > 0) size.lines = window.ws_row;
    return size;
}

// Source: ctlseqs of xterm: 1049 is the alternate screen, 25 the cursor.
Screen::Screen() {
    write_out("\033[?1049h\033[?25l");
}

Screen::~Screen() {
    write_out("\033[?25h\033[?1049l");
}

void Screen::show(const std::vector<std::string>& lines) {
    const std::size_t room = terminal::size().lines;
    const bool all = lines.size() <= room;
    const std::size_t shown = all ? lines.size() : room - 1;
    std::string text = "\033[H";
    for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : "\r\n") + lines[i] + "\033[K";
    if (!all) text += "\r\n... and " + std::to_string(lines.size() - shown) + " more lines\033[K";
    write_out(text + "\033[J");
}

void hold_signals() {
    const sigset_t signals = watched_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

Waited wait_for_change(Millis time) {
    const sigset_t signals = watched_signals();
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    const int number = ::sigtimedwait(&signals, nullptr, &limit);
    if (number < 0) return Waited::time_is_up;
    return number == SIGWINCH ? Waited::resized : Waited::asked_to_end;
}

}  // namespace batchd
