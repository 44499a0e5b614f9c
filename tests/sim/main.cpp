#include <csignal>
#include <cstdio>
#include <exception>
#include <vector>

#include "sim/certificates.hpp"
#include "sim/options.hpp"
#include "sim/server.hpp"

namespace {

using namespace batchd;

constexpr int kWrongUsage = 2;

/// Waits for SIGTERM or SIGINT, which are blocked in every thread.
void wait_for_signal(const sigset_t& signals) {
    int signal = 0;
    sigwait(&signals, &signal);
}

sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

void use_certificates(sim::CommandLine& line) {
    const auto files = sim::make_certificates(*line.self_signed).value();
    line.server.tls_cert = files.cert;
    line.server.tls_key = files.key;
    std::printf("certificates: %s %s %s\n", files.ca.c_str(), files.cert.c_str(), files.key.c_str());
}

int run(sim::CommandLine line) {
    const sigset_t signals = block_signals();
    if (line.self_signed) use_certificates(line);
    const sim::Server server(std::move(line.server));
    if (line.port_file) replace_file(*line.port_file, std::to_string(server.port()) + "\n").value();
    std::printf("listening on %s\n", server.base_url().c_str());
    std::fflush(stdout);
    wait_for_signal(signals);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<const char*> arguments(argv + 1, argv + argc);
    auto line = sim::read_command_line(arguments);
    if (!line) {
        std::fprintf(stderr, "batchd-sim: %s\n", line.error().context.c_str());
        return kWrongUsage;
    }
    if (line->what == sim::CommandLine::Do::show_help)
        return std::fputs(sim::usage().c_str(), stdout) < 0 ? 1 : 0;
    try {
        return run(std::move(*line));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "batchd-sim: %s\n", e.what());
        return 1;
    }
}
