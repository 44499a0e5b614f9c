#include "provider/direct/run/standing.hpp"

namespace batchd::provider::direct {
namespace {

Closure closure_for(const Verdict& verdict, Millis until) {
    switch (verdict.meaning) {
        case Meaning::quota:
            return {FailureKind::quota, "the account's quota is spent: " + verdict.message, until};
        case Meaning::unauthorized:
            return {FailureKind::unauthorized, "the provider refuses the key: " + verdict.message, until};
        default:
            break;
    }
    if (verdict.is_unreachable)
        return {FailureKind::unreachable, "the provider can't be reached: " + verdict.message, until};
    if (verdict.meaning == Meaning::broken)
        return {FailureKind::unavailable, "the server answers no request: " + verdict.message, until};
    return {FailureKind::unavailable, "the server lets no request in: " + verdict.message, until};
}

}  // namespace

void Standing::report(const Verdict& verdict, Millis now, double jitter) {
    switch (verdict.meaning) {
        case Meaning::quota:
        case Meaning::unauthorized:
            bar(verdict, now, jitter);
            return;
        case Meaning::not_let_in:
        case Meaning::broken:
            unanswered(verdict, now);
            return;
        case Meaning::answered:
        case Meaning::row_failed:
        case Meaning::no_model:
            break;
    }
    // What was under way when it was barred may still be answered; that says nothing about the next one.
    if (!barred_until_) begin_anew();
}

void Standing::begin_anew() {
    barred_until_.reset();
    unanswered_since_.reset();
    closure_.reset();
}

void Standing::bar(const Verdict& verdict, Millis now, double jitter) {
    if (barred_until_) return;  // of several that meet one wall, the first has said it
    // A little earlier by chance: many daemons may share an account.
    const auto spread = static_cast<double>((limits_.bar_pause / 4).count());
    barred_until_ = now + limits_.bar_pause - Millis(static_cast<Millis::rep>(spread * jitter));
    closure_ = closure_for(verdict, *barred_until_);
    unanswered_since_.reset();
}

void Standing::unanswered(const Verdict& verdict, Millis now) {
    // While a closure for want of a key or of money is tried, a server that is busy has not said that it is
    // over.
    if (barred_until_ || (closure_ && !unanswered_since_)) return;
    if (!unanswered_since_) unanswered_since_ = now;
    // A refusal is followed by others only where nothing else is under way: a server that works for an hour
    // on what it has let in is not asked meanwhile, and so never counts as one that lets nothing in.
    if (now - *unanswered_since_ < limits_.patience) return;
    const Closure closure = closure_for(verdict, now);
    // It is told once that it is closed, however often it changes its words meanwhile.
    if (!closure_)
        closure_ = closure;
    else
        closure_->reason = closure.reason;
}

}  // namespace batchd::provider::direct
