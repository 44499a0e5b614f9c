#pragma once

#include <array>
#include <optional>
#include <string_view>

/// The states of a job and of a batch, and the one table of legal changes. The store refuses any other: that
/// would be a bug, and is said as one.
namespace batchd::store {

/// How far a job is. Stored by name; schema.sql says what each means.
enum class JobState { claimed, planned, running, delivering, done, failed, rejected, cancelled };

inline constexpr std::array kJobStates{JobState::claimed,    JobState::planned,  JobState::running,
                                       JobState::delivering, JobState::done,     JobState::failed,
                                       JobState::rejected,   JobState::cancelled};

/// Which stage a batch is with. What people see is `status`: the phase until it is submitted, then the
/// provider's word.
enum class BatchPhase { planned, uploading, uploaded, creating, watching, ended, collected };

inline constexpr std::array kBatchPhases{BatchPhase::planned,  BatchPhase::uploading, BatchPhase::uploaded,
                                         BatchPhase::creating, BatchPhase::watching,  BatchPhase::ended,
                                         BatchPhase::collected};

/// Our verdict on a batch that has ended, beside the provider's own word. Stored by name; schema.sql says
/// what each means.
enum class Outcome { ended, withdrawn, refused, no_batch, too_large, gone, abandoned, unanswered_cancel };

inline constexpr std::array kOutcomes{Outcome::ended,     Outcome::withdrawn,        Outcome::refused,
                                      Outcome::no_batch,  Outcome::too_large,        Outcome::gone,
                                      Outcome::abandoned, Outcome::unanswered_cancel};

/// The name as it stands in the database and in job.json.
std::string_view to_string(JobState state);
std::string_view to_string(BatchPhase phase);
std::string_view to_string(Outcome outcome);

/// What to_string() wrote; nothing where `word` is none of the names.
std::optional<JobState> parse_job_state(std::string_view word);
std::optional<BatchPhase> parse_batch_phase(std::string_view word);
std::optional<Outcome> parse_outcome(std::string_view word);

/// The same for a column that is read (see statement.hpp): false, and `to` as it was, where it is none of
/// them.
bool read_word(std::string_view word, JobState& to);
bool read_word(std::string_view word, BatchPhase& to);
bool read_word(std::string_view word, Outcome& to);

/// True for done, failed, rejected and cancelled: nothing changes such a job any more.
bool is_final(JobState state);

/// True for the changes that the tables in states.cpp list, each with its reason. A state may not change into
/// itself.
bool may_change(JobState from, JobState to);
bool may_change(BatchPhase from, BatchPhase to);

}  // namespace batchd::store
