#pragma once

#include <map>
#include <string>
#include <vector>

#include "system/workbench.hpp"
#include "torture/finding.hpp"

namespace batchd::torture {

/// What a job must come to, whatever happened on the way.
struct Expected {
    std::vector<std::string> answered;  ///< ids in output.jsonl
    std::vector<std::string> failed;    ///< ids in errors.jsonl
    bool is_rejected = false;
};
using ExpectedJobs = std::map<std::string, Expected>;  ///< by their folder: NAME, or QUEUE/NAME

/// Whether each answer must have come through. One that the provider hid, or that nobody waited for, may be
/// lost to its reader: its row stands in errors.jsonl then, and was never paid for again.
enum class Answers { all, may_be_lost };

/// Looks at the folders, the database and the provider's ledger once all work has ended. Every dropped file
/// must be one folder with exactly the expected ids, and check_invariants() must hold.
Findings judge(testing::Workbench& bench, const ExpectedJobs& expected, Answers answers = Answers::all);

}  // namespace batchd::torture
