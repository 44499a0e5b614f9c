#pragma once

#include <optional>
#include <string>

#include "base/units.hpp"
#include "provider/direct/wire/verdict.hpp"
#include "provider/provider.hpp"

namespace batchd::provider::direct {

/// How an account stands with its server, by what became of its requests: whether any may go, and whether
/// people should know that none gets in. Pure; times are Clock::uptime().
///
/// A refused key and a spent quota bar all of them, for only a person mends them: one request goes after each
/// `bar_pause`, and what it finds decides. A server that is away, or lets nothing in, is asked again at its
/// pace; it counts as closed once that has lasted for `patience` without an answer in between. An answer ends
/// all of it.
class Standing {
public:
    struct Limits {
        Millis bar_pause = std::chrono::minutes(5);
        Millis patience = std::chrono::minutes(1);
    };
    explicit Standing(Limits limits) : limits_(limits) {}

    /// What became of a request. `jitter` is from 0 to 1.
    void report(const Verdict& verdict, Millis now, double jitter);
    /// Until when nothing may be sent; nothing: something may.
    std::optional<Millis> barred_until() const { return barred_until_; }
    /// One may go, and finds out.
    void let_one_go() { barred_until_.reset(); }
    /// Another key is in use, or nothing is left to be sent.
    void begin_anew();

    /// What is closed; `until` in the past: it is being tried.
    const std::optional<Closure>& closure() const { return closure_; }

private:
    /// Nothing goes until the pause is over.
    void bar(const Verdict& verdict, Millis now, double jitter);
    /// Closed only once it has lasted: see Limits::patience.
    void unanswered(const Verdict& verdict, Millis now);

    Limits limits_;
    std::optional<Millis> barred_until_;
    std::optional<Millis> unanswered_since_;  // all of them, in a row
    std::optional<Closure> closure_;
};

}  // namespace batchd::provider::direct
