#include "engine/ended_batch.hpp"

#include <algorithm>

#include "provider/token_limit.hpp"

namespace batchd::engine {
namespace {

using provider::ValidationError;

bool has_text(const ValidationError& error, std::string_view text) {
    return error.message.find(text) != std::string::npos;
}

bool is_token_limit(const ValidationError& error) {
    return error.code == "token_limit_exceeded" || has_text(error, "Enqueued token limit") ||
           has_text(error, "number of enqueued tokens");
}

bool is_quota(const ValidationError& error) {
    return error.code == "insufficient_quota" || error.code == "billing_hard_limit_reached" ||
           error.code == "billing_not_active";
}

/// The provider's fault, and it lasted hours at times: the file is there, and it can't find it.
bool is_lost_file(const ValidationError& error) {
    return !error.line && (error.param == "file_id" || has_text(error, "Cannot find file"));
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

Ending set_aside(const std::vector<ValidationError>& errors) {
    Ending ending;
    ending.kind = Ending::Kind::set_aside;
    for (const ValidationError& error : errors)
        if (error.line)
            ending.lines.try_emplace(
                *error.line, jsonl::LineError{error.code.empty() ? "refused" : error.code, error.message,
                                              error.param, std::nullopt});
    return ending;
}

Ending wait_turn(const std::vector<ValidationError>& errors) {
    Ending ending;
    ending.kind = Ending::Kind::wait_turn;
    for (const ValidationError& error : errors)
        if (!ending.token_limit) ending.token_limit = provider::named_token_limit(error.message);
    return ending;
}

Ending judge_refusal(const store::Batch& batch, const std::vector<ValidationError>& errors) {
    if (any(errors, is_token_limit)) return wait_turn(errors);
    if (any(errors, is_quota)) return {.kind = Ending::Kind::wait_paid};
    if (any(errors, is_lost_file) && batch.setbacks < kLostFilesMax)
        return {.kind = Ending::Kind::upload_again};
    Ending aside = set_aside(errors);
    const bool names_ours = std::any_of(aside.lines.begin(), aside.lines.end(), [&](const auto& line) {
        return line.first >= 1 && line.first <= batch.requests;
    });
    if (names_ours && batch.setbacks < kSetbacksMax) return aside;
    return give_up("batch_failed",
                   batch.error.empty() ? "the provider's validation refused the batch" : batch.error);
}

}  // namespace

Ending judge(const store::Batch& batch, const std::vector<provider::ValidationError>& errors) {
    if (batch.status == "refused") return give_up("batch_refused", batch.error);
    if (batch.status == "too_large")
        return {.kind = Ending::Kind::too_large, .token_limit = provider::named_token_limit(batch.error)};
    if (batch.status == "gone")
        return give_up("batch_gone", "the provider no longer knows the batch " + batch.batch_id);
    if (provider::parse_status(batch.status) == provider::BatchStatus::failed &&
        batch.output_file_id.empty() && batch.error_file_id.empty())
        return judge_refusal(batch, errors);
    return {.kind = Ending::Kind::answers};
}

}  // namespace batchd::engine
