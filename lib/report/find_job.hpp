#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/settings.hpp"
#include "store/store.hpp"

namespace batchd::report {

/// The number that `word` is; nothing where it is a name, such as 2026-11-22.
std::optional<store::JobId> job_number(const std::string& word);

/// Finds the job that a person means by `word`: its number, its NAME, the name of its folder in the outbox,
/// the path of that folder, NAME.jsonl, with or without a path, or QUEUE/NAME. A path that says which queue
/// it is about finds no job of another, whether the job waits, runs or has ended.
///
/// Of several jobs with the name, it is the one that `suits`; the newest, where none suits; and where more
/// than one suits, nobody can know: an error that names their numbers.
Result<store::Job> find_job(store::Store& store, const config::Settings& settings, const std::string& word,
                            const std::function<bool(const store::Job&)>& suits);

/// Likewise, but the newest with the name.
Result<store::Job> find_newest_job(store::Store& store, const config::Settings& settings,
                                   const std::string& word);

}  // namespace batchd::report
