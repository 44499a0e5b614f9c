#include "engine/end/ended_batch.hpp"

#include <algorithm>
#include <array>

#include "engine/end/named_lines.hpp"
#include "engine/watch/sighting.hpp"
#include "jsonl/result/no_model.hpp"
#include "provider/token_limit.hpp"

namespace batchd::engine {
namespace {

using provider::ValidationError;

bool has_text(const ValidationError& error, std::string_view text) {
    return error.message.find(text) != std::string::npos;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view known) {
        return std::equal(word.begin(), word.end(), known.begin(), known.end(), [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
        });
    });
}

/// By the code where there is one, and by the words of those who have only a text: a limit that is not
/// understood would make all requests of the batch fail, where they only have to wait.
bool is_token_limit(const ValidationError& error) {
    return error.code == "token_limit_exceeded" || has_text(error, "Enqueued token limit") ||
           has_text(error, "number of enqueued tokens");
}

/// Whoever pays the bill mends it, perhaps tomorrow; until then nothing is wrong with the requests.
bool is_quota(const ValidationError& error) {
    return error.code == "insufficient_quota" || error.code == "billing_hard_limit_reached" ||
           error.code == "billing_not_active";
}

/// Nothing is wrong with the batch.
bool is_servers_fault(const ValidationError& error) {
    static constexpr std::array<std::string_view, 10> kCodes = {
        "server_error", "internal_error", "internal_server_error", "internalservererror", "internal",
        "api_error",    "timeout",        "service_unavailable",   "overloaded",          "unknown_error"};
    return is_one_of(error.code, kCodes) || (error.code.empty() && error.message.empty()) ||
           (error.code.empty() && has_text(error, "nternal server error"));
}

/// It would be said of each of its requests alone.
bool is_about_all(const ValidationError& error) {
    static constexpr std::array<std::string_view, 22> kCodes = {
        "model_not_found",      "invalid_model",          "model_not_supported",
        "unsupported_model",    "model_not_available",    "deployment_not_found",
        "deploymentnotfound",   "invalid_deployment",     "invalid_endpoint",
        "unsupported_endpoint", "endpoint_not_supported", "empty_file",
        "empty_batch",          "file_too_large",         "invalid_file",
        "invalid_file_format",  "file_not_found",         "invalid_input_file",
        "too_many_tasks",       "permission_denied",      "invalid_completion_window",
        "unauthorized"};
    static constexpr std::array<std::string_view, 6> kParams = {
        "model", "endpoint", "completion_window", "input_file_id", "file_id", "metadata"};
    return is_one_of(error.code, kCodes) || is_one_of(error.param, kParams) ||
           has_text(error, "input file") || has_text(error, "no such deployment") ||
           has_text(error, "Cannot find file");
}

/// The provider's fault, and it lasted hours at times: the file is there, and it can't find it.
bool is_lost_file(const ValidationError& error) {
    return !error.line && (error.param == "file_id" || has_text(error, "Cannot find file"));
}

/// Its model, or its endpoint, is not there or not for batches.
bool is_about_model(const ValidationError& error) {
    return jsonl::names_no_model(error.code, error.param, error.message) ||
           has_text(error, "not supported by the Batch API");
}

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
        const auto named = error.line ? std::vector{*error.line} : named_lines(error.message);
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
    std::erase_if(errors, is_about_model);
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

}  // namespace

store::Outcome outcome_of(const store::Batch& batch) {
    // Where none is on record, the word in the column of the provider says it, as it did before there was a
    // column for it.
    if (batch.outcome) return *batch.outcome;
    if (batch.status == "refused") return store::Outcome::refused;
    if (batch.status == "too_large") return store::Outcome::too_large;
    if (batch.status == "gone") return store::Outcome::gone;
    return batch.batch_id.empty() ? store::Outcome::withdrawn : store::Outcome::ended;
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
            return give_up("batch_gone", "it was given up by `batchd abandon`" +
                                             (batch.batch_id.empty() ? "" : ": batch " + batch.batch_id));
        case store::Outcome::withdrawn:
            return {.kind = Ending::Kind::withdrawn};
        case store::Outcome::unanswered_cancel:
            return {.kind = Ending::Kind::answers};
        case store::Outcome::ended:
            break;
    }
    // A provider that calls a batch failed may have run part of it, and what it ran is charged: the files
    // are read before the word is believed.
    const bool may_have_answers =
        !batch.output_file_id.empty() || !batch.error_file_id.empty() || batch.completed > 0;
    if (provider::parse_status(batch.status) == provider::BatchStatus::failed && !may_have_answers)
        return judge_failure(batch, errors, failed_batches, has_fallback);
    return {.kind = Ending::Kind::answers};
}

Ending judge_failure(const store::Batch& batch, std::vector<ValidationError> errors,
                     std::uint64_t failed_batches, bool has_fallback) {
    // What the row has of the first of them must do where the provider no longer says.
    if (errors.empty() && !batch.error.empty()) errors.push_back(recorded_error(batch.error));
    // In this order: first what passes by itself and costs nothing to wait for, then what names lines, and
    // only at the end what gives requests up.
    if (any(errors, is_token_limit)) return wait_turn(errors);
    if (any(errors, is_quota)) return {.kind = Ending::Kind::wait_paid};
    if (any(errors, is_lost_file) && batch.setbacks < kLostFilesMax)
        return {.kind = Ending::Kind::upload_again};
    if (has_fallback && any(errors, is_about_model)) return elsewhere(std::move(errors), batch.requests);
    if (auto lines = lines_of(errors, batch.requests); !lines.empty() && batch.setbacks < kSetbacksMax)
        return set_aside(std::move(lines));
    if (errors.empty() || any(errors, is_servers_fault)) {
        if (batch.setbacks < kServerFaultsMax) return {.kind = Ending::Kind::same_again};
        if (has_fallback) return {.kind = Ending::Kind::elsewhere};
        return give_up_failed(batch);
    }
    // Lines that it has not, or a hundred refusals in a row, lead nowhere.
    const bool names_lines = any(errors, [](const ValidationError& error) {
        return error.line || !named_lines(error.message).empty();
    });
    if (names_lines || any(errors, is_about_all)) return give_up_failed(batch);
    return find_out_which(batch, errors.front(), failed_batches);
}

}  // namespace batchd::engine
