#pragma once

#include <functional>
#include <string>

#include "store/store.hpp"

namespace batchd::report {

/// Finds the job that a person means by `word`: its number, its NAME, the name of its folder in the outbox,
/// the path of that folder, or NAME.jsonl, with or without a path.
///
/// Of several jobs with the name, it is the one that `suits`; the newest, where none suits; and where more
/// than one suits, nobody can know: an error that names their numbers.
Result<store::Job> find_job(store::Store& store, const std::string& word,
                            const std::function<bool(const store::Job&)>& suits);

/// Likewise, but the newest with the name.
Result<store::Job> find_newest_job(store::Store& store, const std::string& word);

}  // namespace batchd::report
