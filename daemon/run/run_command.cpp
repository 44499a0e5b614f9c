#include "daemon/run/run_command.hpp"

#include <cstdio>

#include <malloc.h>
#include <sys/resource.h>

#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/host/control_socket.hpp"
#include "daemon/host/folders.hpp"
#include "daemon/run/daemon.hpp"

namespace batchd {

namespace {

/// Left to itself, malloc() keeps an arena a thread, and after a large buffer was freed gets the next ones
/// from these too, where they are not given back. This way a daemon that waits is as small after a job as
/// before.
void give_memory_back() {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 512 * 1024);  // a page of a listing takes less, and a poll reads many
}

/// A job of many batches is merged from many files at once; the usual soft limit of 1,024 is for select(2).
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    // The hard limit is what the service manager allows.
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// A start does not mend a damaged database: the service is not started on it again and again.
ExitCode end(const Error& error) {
    const ExitCode code = fail(error);
    return store::is_damage(error) ? kExitDamagedState : code;
}

}  // namespace

ExitCode run(const RunCommand& command, const CommandLine& line) {
    give_memory_back();
    raise_descriptor_limit();
    auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (const auto wrong = wrong_control(*loaded)) {
        std::fprintf(stderr, "batchd: %s\n", wrong->c_str());
        return kExitWrongConfiguration;
    }
    // Before anything is made, so that a mistake in the configuration leaves nothing behind.
    if (auto free = expect_free_folders(loaded->settings); !free) {
        fail(free.error());
        return kExitWrongConfiguration;
    }
    auto daemon = Daemon::make(std::move(*loaded), line.config_file, command.mode);
    if (!daemon) return end(daemon.error());
    const auto all_done = (*daemon)->run();
    if (!all_done) return end(all_done.error());
    return command.mode == engine::Intake::Mode::once && !*all_done ? kExitFailed : kExitFine;
}

}  // namespace batchd
