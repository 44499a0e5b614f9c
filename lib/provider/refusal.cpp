#include "provider/refusal.hpp"

#include <algorithm>
#include <utility>

namespace batchd::provider {
namespace {

/// What the neutral call says about the key.
enum class KeyIs { good, refused, unknown };

KeyIs key_after(const Answer<void>& neutral) {
    if (neutral) return KeyIs::good;
    switch (neutral.error().kind) {
        case FailureKind::refused:
        case FailureKind::not_found:
        case FailureKind::conflict:
        case FailureKind::token_limit:
        // An account that can't pay is one that is known.
        case FailureKind::quota:
            return KeyIs::good;
        case FailureKind::unauthorized:
            return KeyIs::refused;
        default:
            return KeyIs::unknown;
    }
}

/// "You have insufficient permissions for this operation. Missing scopes: …"
bool is_about_permissions(const Failure& refusal) {
    // Without their first letters, which are large in some texts and small in others.
    for (const std::string_view words : {"nsufficient permission", "issing scope", "nsufficient_permission"})
        if (refusal.message.find(words) != std::string::npos || refusal.code.find(words) != std::string::npos)
            return true;
    return false;
}

/// Of the calls that have no lane of their own, those that change something: a key for looking is refused.
bool may_be_kept_from(Operation operation) {
    return operation == Operation::cancel || operation == Operation::delete_file;
}

/// All else goes on as at a provider that has no such list.
Judgement without_list(Failure refusal) {
    refusal.kind = FailureKind::unsupported;
    refusal.message = "the key is good, and may not see the list: " + refusal.message;
    return {std::move(refusal), Reach::call};
}

}  // namespace

bool is_access_in_question(const Failure& refusal, Operation operation) {
    return refusal.kind == FailureKind::unauthorized &&
           (refusal.http_status == 403 || operation == Operation::upload || operation == Operation::create ||
            operation == Operation::list || may_be_kept_from(operation));
}

Judgement judge(Failure refusal, Operation operation, const Answer<void>& neutral) {
    const bool is_about_request =
        operation == Operation::delete_file || (refusal.http_status == 403 && !is_about_permissions(refusal));
    const Reach reach = may_be_kept_from(operation) ? Reach::call : Reach::lane;
    switch (key_after(neutral)) {
        case KeyIs::refused:
            return {std::move(refusal), Reach::all};
        case KeyIs::good:
            if (operation == Operation::list) return without_list(std::move(refusal));
            if (is_about_request) refusal.kind = FailureKind::refused;
            return {std::move(refusal), reach};
        case KeyIs::unknown:
            // A server without listings can't be asked anything neutral: nobody else is held up.
            if (neutral.error().kind != FailureKind::unsupported) refusal.kind = FailureKind::unavailable;
            return {std::move(refusal), reach};
    }
    return {std::move(refusal), Reach::all};
}

}  // namespace batchd::provider
