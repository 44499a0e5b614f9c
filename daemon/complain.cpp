#include <cstdio>

#include "base/log.hpp"
#include "commands.hpp"
#include "store/sqlite/database.hpp"

namespace batchd {

ExitCode fail(const Error& error) {
    std::fprintf(stderr, "batchd: %s\n", printable(to_string(error)).c_str());
    if (!store::is_damage(error)) return kExitFailed;
    std::fprintf(
        stderr,
        "batchd: stop the daemon and run `batchd recover`, as root: it builds the database again from "
        "work/, the outbox and rejected/\n");
    return kExitDamagedState;
}

}  // namespace batchd
