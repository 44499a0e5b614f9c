#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// schema.sql says what each does. What a person may ask of the daemon.
enum class Verb { cancel, retry, abandon, adopt, resend, release };

std::string_view to_string(Verb verb);
/// What the column `verb` holds: false, and `to` as it was, where `word` is none of them.
bool read_word(std::string_view word, Verb& to);

/// A row of `commands`: something that a person asks of the daemon.
struct Command {
    std::int64_t id = 0;
    Verb verb = Verb::cancel;
    JobId job_id;
    std::optional<TimePoint> done_at;
    std::string result;
    bool ok = false;  ///< once it is done: as it was asked for
    std::string job_key;
    std::string argument;      ///< adopt: the provider's batch id; release: the queue
    std::string user{};        ///< who asked for it; "" where nobody knows
    bool over_budget = false;  ///< release: what waits for money as well
};

/// What is to be let go.
struct Release {
    std::string queue;
    bool over_budget = false;  ///< what waits for money as well
};

/// The table `commands`, which the control socket writes for people, `batchd cancel` and the like where there
/// is none, and whoever may with sqlite3. Each call is one statement. `database` must outlive it. Errors:
/// SQLite's.
class Commands {
public:
    explicit Commands(Database& database) : database_(database) {}

    /// Asks for something in the name of `user` ("" where nobody knows); the command's id.
    Result<std::int64_t> add(Verb verb, JobId job, TimePoint at, const std::string& argument = {},
                             const std::string& user = {});
    /// Asks that what waits in the queue be sent now.
    Result<std::int64_t> add_release(const Release& release, TimePoint at, const std::string& user = {});
    Result<std::optional<Command>> find(std::int64_t id);
    /// Ids of what is not done yet, in the order in which it was asked for.
    Result<std::vector<std::int64_t>> open(std::size_t count_max);
    /// The highest id of a command; 0 where there is none.
    Result<std::int64_t> newest();
    /// True when a retry up to the command `newest` chose this key for its job. True as well when that can't
    /// be read: who thinks that a job was made looks for it, and who denies it pays for it again.
    bool may_have_made(const std::string& job_key, std::int64_t newest);
    /// The key of the job that a retry will make: chosen once, so that a second try makes no second job.
    Result<void> record_job_key(std::int64_t id, const std::string& key);
    /// What came of a command; not to be confused with the Outcome of a batch.
    struct Outcome {
        bool ok = true;
        std::string sentence;  ///< for people
    };
    /// The command is done, whether as asked or not: it is not done again.
    Result<void> record_outcome(std::int64_t id, const Outcome& outcome, TimePoint at);

private:
    Database& database_;
};

}  // namespace batchd::store
