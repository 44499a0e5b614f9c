#pragma once

namespace batchd {

/// The exit codes of every command.
enum ExitCode : int {
    kExitFine = 0,
    kExitFailed = 1,
    kExitWrongUsage = 2,
    kExitTimeIsUp = 3,             ///< wait: a job has not ended by then
    kExitDamagedState = 65,        ///< EX_DATAERR: the database is damaged; likewise
    kExitWrongConfiguration = 78,  ///< EX_CONFIG of sysexits(3): systemd does not restart for it
};

}  // namespace batchd
