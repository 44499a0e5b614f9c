#pragma once

#include <sys/types.h>

#include "web/ports.hpp"

namespace batchd::web {

/// The daemon's database for as long as the page runs: it may not be there yet, be upgraded, or be built
/// again. I/O thread only.
class StateReader {
public:
    /// `open` makes a connection to what is at `database`.
    StateReader(Path database, std::function<Result<std::unique_ptr<store::Store>>()> open)
        : database_(std::move(database)), open_(std::move(open)) {}

    /// The database as it is now; for this turn only. Errors: those of `open`.
    Result<store::Store*> look();
    /// A number that is another one whenever somebody has committed something. Errors: as look().
    Result<std::int64_t> version();
    /// A read has failed: the next look opens it anew.
    void forget() { store_.reset(); }

private:
    Path database_;
    std::function<Result<std::unique_ptr<store::Store>>()> open_;
    std::unique_ptr<store::Store> store_;
    std::int64_t times_opened_ = 0;
    /// A database that was built again is another file with the same name, and the connection would go on
    /// reading the old one.
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace batchd::web
