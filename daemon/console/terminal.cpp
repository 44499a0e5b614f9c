#include "daemon/console/terminal.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/disk/fd.hpp"

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
    // Some terminals, and all serial lines, know no size and say 0: then the size that terminals had for
    // decades.
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0) return size;
    if (window.ws_col > 0) size.columns = window.ws_col;
    if (window.ws_row > 0) size.lines = window.ws_row;
    return size;
}

namespace {

/// Nothing where nobody can press a key: no terminal, or one that is not ours to change, for we run behind a
/// shell's prompt.
std::optional<termios> read_keys_at_once() {
    termios before{};
    if (::tcgetattr(STDIN_FILENO, &before) != 0 || ::tcgetpgrp(STDIN_FILENO) != ::getpgrp())
        return std::nullopt;
    termios at_once = before;
    // Signals by keys stay on, so that Ctrl-C is what it is everywhere.
    at_once.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    at_once.c_cc[VMIN] = 1;
    at_once.c_cc[VTIME] = 0;
    if (::tcsetattr(STDIN_FILENO, TCSANOW, &at_once) != 0) return std::nullopt;
    return before;
}

}  // namespace

// Source: ctlseqs of xterm: 1049 is the alternate screen, 25 the cursor.
Screen::Screen() : before_(read_keys_at_once()) {
    write_out("\033[?1049h\033[?25l");
}

Screen::~Screen() {
    write_out("\033[?25h\033[?1049l");
    if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

void Screen::show(const std::vector<std::string>& lines, std::size_t foot) {
    // Written over what is there and not cleared first, which would flicker; the whole screen goes out in
    // one write.
    std::string text = "\033[H";
    for (const std::string& line : fit_lines(lines, foot, terminal::size().lines))
        text += (text.size() == 3 ? "" : "\r\n") + line + "\033[K";
    write_out(text + "\033[J");
}

std::vector<std::string> fit_lines(const std::vector<std::string>& lines, std::size_t foot,
                                   std::size_t room) {
    if (lines.size() <= room) return lines;
    // The end says what is waited for, the beginning what runs: the middle is what a person misses least.
    const std::size_t last = std::min(foot, room - 1);
    const std::size_t first = room - 1 - last;
    const auto at = [&](std::size_t i) { return lines.begin() + static_cast<std::ptrdiff_t>(i); };
    std::vector<std::string> shown(lines.begin(), at(first));
    shown.push_back("... and " + std::to_string(lines.size() - first - last) + " more lines");
    shown.insert(shown.end(), at(lines.size() - last), lines.end());
    return shown;
}

void hold_signals() {
    const sigset_t signals = watched_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

namespace {

/// True when somebody pressed `q`, or the terminal has gone. There is something to read.
bool is_end_asked_by_key() {
    char key = 0;
    return ::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
}

Waited what_came(int number) {
    return number == SIGWINCH ? Waited::resized : Waited::asked_to_end;
}

}  // namespace

Waited wait_for_change(Millis time, const Screen* screen) {
    const sigset_t signals = watched_signals();
    // Signals are read like input, so that a key, a resize and the end of the wait are one poll without a
    // race between them.
    const UniqueFd came(::signalfd(-1, &signals, SFD_CLOEXEC));
    std::array<pollfd, 2> sources{pollfd{came.get(), POLLIN, 0}, pollfd{-1, POLLIN, 0}};
    if (screen != nullptr && screen->reads_keys()) sources[1].fd = STDIN_FILENO;
    if (::poll(sources.data(), sources.size(), static_cast<int>(time.count())) <= 0)
        return Waited::time_is_up;
    signalfd_siginfo signal{};
    if (sources[0].revents != 0 && ::read(came.get(), &signal, sizeof signal) == sizeof signal)
        return what_came(static_cast<int>(signal.ssi_signo));
    return sources[1].revents != 0 && is_end_asked_by_key() ? Waited::asked_to_end : Waited::time_is_up;
}

}  // namespace batchd
