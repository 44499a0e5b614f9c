#pragma once

#include "system/workbench.hpp"

namespace batchd::testing {

/// What must hold whatever a test did, as failures of the test where it does not:
///  - nothing is lost: each dropped file is in the inbox, or has a job; what came out has its bytes;
///  - nothing is paid twice: the provider's ledger knows no violation;
///  - the ids of an ended job's answers and errors are those of its input, each once, in input order;
///  - no partial file is visible: what has a name in outbox/ or rejected/ is complete;
///  - the database is sound;
///  - the API key is nowhere.
void check_invariants(Workbench& bench);

}  // namespace batchd::testing
