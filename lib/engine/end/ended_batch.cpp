#include "engine/end/ended_batch.hpp"

#include <algorithm>

#include "engine/watch/sighting.hpp"
#include "provider/token_limit.hpp"
#include "provider/validation/meaning.hpp"
#include "provider/validation/named_lines.hpp"

namespace batchd::engine {
namespace {

using provider::ValidationError;

bool any(const std::vector<ValidationError>& errors, bool (*is)(const ValidationError&)) {
    return std::any_of(errors.begin(), errors.end(), is);
}

Ending give_up(std::string code, std::string message) {
    Ending ending;
    ending.kind = Ending::Kind::give_up;
    ending.error.code = std::move(code);
    ending.error.message = std::move(message);
    return ending;
}

/// What is wrong with which line; lines that only a message names count as well.
std::map<std::uint64_t, jsonl::LineError> lines_of(const std::vector<ValidationError>& errors,
                                                   std::uint64_t requests) {
    std::map<std::uint64_t, jsonl::LineError> lines;
    for (const ValidationError& error : errors) {
        const jsonl::LineError told{error.code.empty() ? "refused" : error.code, error.message, error.param,
                                    std::nullopt};
        const auto named = error.line ? std::vector{*error.line} : provider::named_lines(error.message);
        for (const std::uint64_t line : named)
            // A number beyond the file is some other number in the message. The first that is said about a
            // line is kept, for the others often follow from it.
            if (line >= 1 && line <= requests) lines.try_emplace(line, told);
    }
    return lines;
}

Ending wait_turn(const std::vector<ValidationError>& errors) {
    Ending ending;
    ending.kind = Ending::Kind::wait_turn;
    for (const ValidationError& error : errors)
        if (!ending.token_limit) ending.token_limit = provider::named_token_limit(error.message);
    return ending;
}

Ending set_aside(std::map<std::uint64_t, jsonl::LineError> lines) {
    Ending ending;
    ending.kind = Ending::Kind::set_aside;
    ending.lines = std::move(lines);
    return ending;
}

/// What is said of the model is no fault of the lines: only what else is wrong with them stays with them.
Ending elsewhere(std::vector<ValidationError> errors, std::uint64_t requests) {
    std::erase_if(errors, provider::is_about_model);
    return {.kind = Ending::Kind::elsewhere, .lines = lines_of(errors, requests)};
}

Ending give_up_failed(const store::Batch& batch) {
    return give_up("batch_failed",
                   batch.error.empty() ? "the provider's validation refused the batch" : batch.error);
}

/// Something is wrong with some request, and nobody says with which.
Ending find_out_which(const store::Batch& batch, const ValidationError& error, std::uint64_t failed_batches) {
    // Of one request it is known which one it is.
    if (batch.requests == 1)
        return set_aside(
            {{1, {error.code.empty() ? "refused" : error.code, error.message, error.param, {}}}});
    // Halving finds one bad line among fifty thousand in sixteen steps; with very many of them it would go
    // on for weeks, so it has an end.
    if (failed_batches < kFailedBatchesMax) return {.kind = Ending::Kind::halve};
    return give_up_failed(batch);
}

bool may_have_answers(const store::Batch& batch) {
    return !batch.output_file_id.empty() || !batch.error_file_id.empty() || batch.completed > 0;
}

}  // namespace

jsonl::LineError was_abandoned(const std::string& batch_id) {
    return {"batch_gone",
            "it was given up by `batchd abandon`" + (batch_id.empty() ? "" : ": batch " + batch_id)};
}

store::Outcome outcome_of(const store::Batch& batch) {
    // Where none is on record, the word in the column of the provider says it, as it did before there was a
    // column for it.
    if (batch.outcome) return *batch.outcome;
    if (batch.status == "refused") return store::Outcome::refused;
    if (batch.status == "too_large") return store::Outcome::too_large;
    if (batch.status == "gone") return store::Outcome::gone;
    return batch.batch_id.empty() ? store::Outcome::withdrawn : store::Outcome::ended;
}

bool says_that_nothing_ran(const store::Batch& batch) {
    const store::Outcome outcome = outcome_of(batch);
    if (batch.batch_id.empty() || outcome == store::Outcome::too_large) return true;
    const bool has_failed = provider::parse_status(batch.status) == provider::BatchStatus::failed;
    return has_failed && outcome == store::Outcome::ended && !may_have_answers(batch);
}

Ending judge(const store::Batch& batch, const std::vector<ValidationError>& errors,
             std::uint64_t failed_batches, bool has_fallback) {
    switch (outcome_of(batch)) {
        case store::Outcome::no_batch:
            if (has_fallback) return {.kind = Ending::Kind::elsewhere};
            [[fallthrough]];
        case store::Outcome::refused:
            return give_up("batch_refused", batch.error);
        case store::Outcome::too_large:
            return {.kind = Ending::Kind::too_large, .token_limit = provider::named_token_limit(batch.error)};
        case store::Outcome::gone:
            return give_up("batch_gone", "the provider no longer knows the batch " + batch.batch_id);
        case store::Outcome::abandoned:
            return {.kind = Ending::Kind::give_up, .error = was_abandoned(batch.batch_id)};
        case store::Outcome::withdrawn:
            return {.kind = Ending::Kind::withdrawn};
        case store::Outcome::unanswered_cancel:
            return {.kind = Ending::Kind::answers};
        case store::Outcome::ended:
            break;
    }
    // A provider that calls a batch failed may have run part of it, and what it ran is charged: the files
    // are read before the word is believed.
    if (provider::parse_status(batch.status) == provider::BatchStatus::failed && !may_have_answers(batch))
        return judge_failure(batch, errors, failed_batches, has_fallback);
    return {.kind = Ending::Kind::answers};
}

Ending judge_failure(const store::Batch& batch, std::vector<ValidationError> errors,
                     std::uint64_t failed_batches, bool has_fallback) {
    // What the row has of the first of them must do where the provider no longer says.
    if (errors.empty() && !batch.error.empty()) errors.push_back(recorded_error(batch.error));
    // In this order: first what passes by itself and costs nothing to wait for, then what names lines, and
    // only at the end what gives requests up.
    if (any(errors, provider::is_token_limit)) return wait_turn(errors);
    if (any(errors, provider::is_quota)) return {.kind = Ending::Kind::wait_paid};
    if (any(errors, provider::is_lost_file) && batch.setbacks < kLostFilesMax)
        return {.kind = Ending::Kind::upload_again};
    if (has_fallback && any(errors, provider::is_about_model))
        return elsewhere(std::move(errors), batch.requests);
    if (auto lines = lines_of(errors, batch.requests); !lines.empty() && batch.setbacks < kSetbacksMax)
        return set_aside(std::move(lines));
    if (errors.empty() || any(errors, provider::is_servers_fault)) {
        if (batch.setbacks < kServerFaultsMax) return {.kind = Ending::Kind::same_again};
        if (has_fallback) return {.kind = Ending::Kind::elsewhere};
        return give_up_failed(batch);
    }
    // Lines that it has not, or a hundred refusals in a row, lead nowhere.
    const bool names_lines = any(errors, [](const ValidationError& error) {
        return error.line || !provider::named_lines(error.message).empty();
    });
    if (names_lines || any(errors, provider::is_about_all)) return give_up_failed(batch);
    return find_out_which(batch, errors.front(), failed_batches);
}

}  // namespace batchd::engine
