#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {

using Ids = std::vector<std::string>;

/// How a provider, or what stands before it, goes wrong; each text is JSON, as /admin of the practice
/// provider takes it.
struct Trouble {
    std::string name;  ///< letters and digits, for the name of the test
    std::vector<std::string> settings, lies, faults, planted;
};

/// A test with a daemon of little patience, and a provider that does not tell the truth. That nothing was
/// paid twice and nothing was lost is among the invariants that are checked at its end.
class LyingTest : public SystemTest {
protected:
    LyingTest();

    void make(const Trouble& trouble);
    void lie(const std::string& text) { bench.provider().add_lie(text); }
    void fault(const std::string& text) { bench.provider().add_fault(text); }
    void manner(const std::string& text) { bench.provider().change_settings(text); }

    /// `count` lines with the ids r-1, r-2, …
    static std::string rows(unsigned count);
    static Ids row_ids(unsigned count);
    /// Drops one job of `count` rows, starts the daemon, and waits for the job's end.
    void run_one_job(unsigned count);
    /// Drops `jobs` files of `count` rows each (job-1, job-2, …), starts the daemon, and waits for their end.
    void run_jobs(unsigned jobs, unsigned count);
    void expect_answered(const std::string& name, unsigned count);

    /// Until a batch is held for time or for a person, or so many jobs have ended.
    bool wait_until_held_or_ended(std::size_t jobs, Millis deadline = kDeadline);
    bool is_held() { return bench.database().count("batches WHERE held IS NOT NULL") > 0; }
    /// Whether there is a word to the operator on what is waited for.
    bool is_said() { return is_held() || bench.database().count("conditions") > 0; }
    bool wait_for_phase(const std::string& phase, std::size_t count = 1);
    /// Cancels what has not ended, and expects that to end it.
    void expect_that_cancel_ends(int job, std::size_t ended = 1);

    std::uint64_t creates() { return bench.requests_to("POST /v1/batches"); }
    std::uint64_t batches_at_provider();
    std::uint64_t rows_paid_twice();
    /// A batch that somebody else with the same key made of `content`; its id.
    std::string somebody_elses_batch(const std::string& content);
};

/// The same, for each of several troubles.
class LyingTableTest : public LyingTest, public ::testing::WithParamInterface<Trouble> {};

inline void PrintTo(const Trouble& trouble, std::ostream* out) {
    *out << trouble.name;
}

inline std::string name_of(const ::testing::TestParamInfo<Trouble>& info) {
    return info.param.name;
}

}  // namespace batchd::testing
