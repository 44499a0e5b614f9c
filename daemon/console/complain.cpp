#include "daemon/console/complain.hpp"

#include <cstdio>

#include "base/log.hpp"
#include "store/sqlite/database.hpp"

namespace batchd {

ExitCode fail(const Error& error) {
    // The context may hold names of files, which anybody who may drop one can choose.
    std::fprintf(stderr, "batchd: %s\n", printable(to_string(error)).c_str());
    // A code of its own for damage, so that the unit does not start the service on it again and again.
    if (!store::is_damage(error)) return kExitFailed;
    std::fprintf(
        stderr,
        "batchd: stop the daemon and run `batchd recover`, as root: it builds the database again from "
        "work/, the outbox and rejected/\n");
    return kExitDamagedState;
}

}  // namespace batchd
