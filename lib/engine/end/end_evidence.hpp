#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jsonl/match/match_results.hpp"
#include "provider/provider.hpp"

/// What is believed of a batch that seems to have ended. Whatever loses an answer or sends a request again
/// passes through here. Pure.
namespace batchd::engine {

/// What one look at an ended batch showed: the batch, asked by its id, and its files.
struct EndLook {
    provider::BatchStatus status = provider::BatchStatus::unknown;
    std::uint64_t told_completed = 0;  ///< by the provider's own count
    std::uint64_t told_failed = 0;     ///< likewise
    std::string output_file_id;
    std::string error_file_id;
    /// Each file that it names was fetched, is as long as the provider says, where it says, and has nothing
    /// but rows of ours in it.
    bool files_are_whole = true;
    /// A file has another size than the provider says: it may be the file of another batch.
    bool has_another_size = false;
    std::uint64_t missing = 0;   ///< requests without a line that can be read
    std::uint64_t ran = 0;       ///< requests whose line shows that they ran
    std::uint64_t not_run = 0;   ///< requests whose line says that they did not run
    std::uint64_t nameless = 0;  ///< lines that can't be read, and name no request of ours

    friend bool operator==(const EndLook&, const EndLook&) = default;
};

/// What the decision depends on besides.
struct EndTerms {
    bool patience_is_over = false;  ///< it is not looked at again
    bool waited_a_while = false;    ///< looked several times, for half a minute
    bool cancelled = false;         ///< somebody asked for the job's cancel
    bool ended_by_us = false;       ///< the provider never said that it has ended: after a cancel
};

enum class Conclusion {
    take,        ///< what is there counts
    look_again,  ///< after a pause
    taken_back   ///< it has not ended: it is watched on
};

struct EndDecision {
    Conclusion conclusion = Conclusion::look_again;
    jsonl::Unanswered unanswered = jsonl::Unanswered::lost;  ///< take: what its requests without a line are

    friend bool operator==(const EndDecision&, const EndDecision&) = default;
};

/// `before`: what the look before showed, a pause ago.
EndDecision decide_end(const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms);

/// Why it is looked at again, for people; only where decide_end() says so.
std::string why_look_again(const EndLook& look);

}  // namespace batchd::engine
