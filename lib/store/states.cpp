#include "store/states.hpp"

#include <algorithm>
#include <utility>

namespace batchd::store {
namespace {

using J = JobState;
constexpr std::array kJobNames{std::pair{J::claimed, std::string_view("claimed")},
                               std::pair{J::planned, std::string_view("planned")},
                               std::pair{J::running, std::string_view("running")},
                               std::pair{J::delivering, std::string_view("delivering")},
                               std::pair{J::done, std::string_view("done")},
                               std::pair{J::failed, std::string_view("failed")},
                               std::pair{J::rejected, std::string_view("rejected")},
                               std::pair{J::cancelled, std::string_view("cancelled")}};

using B = BatchPhase;
constexpr std::array kPhaseNames{std::pair{B::planned, std::string_view("planned")},
                                 std::pair{B::uploading, std::string_view("uploading")},
                                 std::pair{B::uploaded, std::string_view("uploaded")},
                                 std::pair{B::creating, std::string_view("creating")},
                                 std::pair{B::watching, std::string_view("watching")},
                                 std::pair{B::ended, std::string_view("ended")},
                                 std::pair{B::collected, std::string_view("collected")}};

using O = Outcome;
constexpr std::array kOutcomeNames{std::pair{O::ended, std::string_view("ended")},
                                   std::pair{O::withdrawn, std::string_view("withdrawn")},
                                   std::pair{O::refused, std::string_view("refused")},
                                   std::pair{O::no_batch, std::string_view("no_batch")},
                                   std::pair{O::too_large, std::string_view("too_large")},
                                   std::pair{O::gone, std::string_view("gone")},
                                   std::pair{O::abandoned, std::string_view("abandoned")},
                                   std::pair{O::unanswered_cancel, std::string_view("unanswered_cancel")}};

// Which changes there are is written down once and held against every call. A change that nobody thought of
// is a bug that may lose or pay for something, so the store refuses it before it is on record.

constexpr std::array kJobChanges{
    std::pair{J::claimed, J::planned},     // validated and split
    std::pair{J::claimed, J::rejected},    // it has no request that can be submitted, or a bad line
    std::pair{J::claimed, J::delivering},  // cancelled before its file was read
    std::pair{J::planned, J::running},     // the first upload begins
    std::pair{J::planned, J::delivering},  // every line was set aside: nothing to submit
    std::pair{J::running, J::delivering},  // the last batch is collected
    std::pair{J::delivering, J::done},      std::pair{J::delivering, J::failed},
    std::pair{J::delivering, J::cancelled},
};

constexpr std::array kPhaseChanges{
    std::pair{B::planned, B::uploading},   // the intent, before the call
    std::pair{B::planned, B::ended},       // cancelled, or too large for the tokens that may be enqueued
    std::pair{B::uploading, B::uploaded},  // answered, or found by looking
    std::pair{B::uploading, B::planned},   // refused without effect, or looked for and not there
    std::pair{B::uploading, B::ended},     // the provider does not take the file, or as above
    std::pair{B::uploaded, B::creating},   // the intent, before the call
    std::pair{B::uploaded, B::ended},      // as from planned
    std::pair{B::uploaded, B::planned},    // the file is no longer there: upload again
    std::pair{B::creating, B::watching},   // answered, or found by looking
    std::pair{B::creating, B::uploaded},   // refused without effect, or looked for and not there
    std::pair{B::creating, B::ended},      // the provider does not take the batch, or it is given up
    std::pair{B::watching, B::ended},      // it has a final status, or is gone
    std::pair{B::ended, B::watching},      // the provider took its word back: it runs after all
    std::pair{B::ended, B::collected},
};

template <class Table, class State>
/// Each value is in its table; tests walk all of them.
std::string_view name_in(const Table& table, State state) {
    return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == state; })
        ->second;
}

template <class Table, class State>
bool read_in(const Table& table, std::string_view word, State& to) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.second == word; });
    if (found != table.end()) to = found->first;
    return found != table.end();
}

template <class State>
std::optional<State> parsed(std::string_view word) {
    State state{};
    return read_word(word, state) ? std::optional(state) : std::nullopt;
}

template <class Table, class State>
bool contains(const Table& table, State from, State to) {
    return std::find(table.begin(), table.end(), std::pair{from, to}) != table.end();
}

}  // namespace

std::string_view to_string(JobState state) {
    return name_in(kJobNames, state);
}
std::string_view to_string(BatchPhase phase) {
    return name_in(kPhaseNames, phase);
}
std::string_view to_string(Outcome outcome) {
    return name_in(kOutcomeNames, outcome);
}

bool read_word(std::string_view word, JobState& to) {
    return read_in(kJobNames, word, to);
}
bool read_word(std::string_view word, BatchPhase& to) {
    return read_in(kPhaseNames, word, to);
}
bool read_word(std::string_view word, Outcome& to) {
    return read_in(kOutcomeNames, word, to);
}

std::optional<JobState> parse_job_state(std::string_view word) {
    return parsed<JobState>(word);
}
std::optional<BatchPhase> parse_batch_phase(std::string_view word) {
    return parsed<BatchPhase>(word);
}
std::optional<Outcome> parse_outcome(std::string_view word) {
    return parsed<Outcome>(word);
}

bool is_final(JobState state) {
    return state == J::done || state == J::failed || state == J::rejected || state == J::cancelled;
}

bool may_change(JobState from, JobState to) {
    return contains(kJobChanges, from, to);
}
bool may_change(BatchPhase from, BatchPhase to) {
    return contains(kPhaseChanges, from, to);
}

}  // namespace batchd::store
