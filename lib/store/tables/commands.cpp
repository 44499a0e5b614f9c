#include "store/tables/commands.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace batchd::store {
namespace {

constexpr std::array kVerbs{std::pair{Verb::cancel, std::string_view("cancel")},
                            std::pair{Verb::retry, std::string_view("retry")},
                            std::pair{Verb::abandon, std::string_view("abandon")},
                            std::pair{Verb::adopt, std::string_view("adopt")},
                            std::pair{Verb::resend, std::string_view("resend")},
                            std::pair{Verb::release, std::string_view("release")}};

}  // namespace

/// In the order of the columns in Commands::find().
static auto columns_of(Command& c) {
    return std::tie(c.id, c.verb, c.job_id, c.done_at, c.result, c.ok, c.job_key, c.argument, c.user,
                    c.over_budget);
}

std::string_view to_string(Verb verb) {
    return std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& row) { return row.first == verb; })
        ->second;
}

bool read_word(std::string_view word, Verb& to) {
    const auto found =
        std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& row) { return row.second == word; });
    if (found != kVerbs.end()) to = found->first;
    return found != kVerbs.end();
}

Result<std::int64_t> Commands::add(Verb verb, JobId job, TimePoint at, const std::string& argument,
                                   const std::string& user) {
    return database_.insert<std::int64_t>(
        "INSERT INTO commands (verb, job_id, at, argument, user) VALUES (?, ?, ?, ?, ?) RETURNING id", verb,
        job, at, OrNull{argument}, OrNull{user});
}

Result<std::int64_t> Commands::add_release(const Release& release, TimePoint at, const std::string& user) {
    return database_.insert<std::int64_t>(
        "INSERT INTO commands (verb, at, argument, user, over_budget) VALUES (?, ?, ?, ?, ?) RETURNING id",
        Verb::release, at, release.queue, OrNull{user}, release.over_budget);
}

Result<std::optional<Command>> Commands::find(std::int64_t id) {
    return database_.query_first<Command>(
        "SELECT id, verb, job_id, done_at, result, ok, job_key, argument, user, over_budget"
        " FROM commands WHERE id = ?",
        id);
}

Result<std::vector<std::int64_t>> Commands::open(std::size_t count_max) {
    return database_.query<std::int64_t>("SELECT id FROM commands WHERE done_at IS NULL ORDER BY id LIMIT ?",
                                         count_max);
}

Result<std::int64_t> Commands::newest() {
    return database_.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM commands");
}

bool Commands::may_have_made(const std::string& job_key, std::int64_t newest) {
    const auto made = database_.query_value<bool>(
        "SELECT count(*) > 0 FROM commands WHERE job_key = ? AND id <= ?", job_key, newest);
    return !made || *made;
}

// Chosen and committed before the first file of the new job is written, so that a crash in between leaves a
// key that the next try finds its own work by.
Result<void> Commands::record_job_key(std::int64_t id, const std::string& key) {
    return database_.run("UPDATE commands SET job_key = ? WHERE id = ?", key, id);
}

Result<void> Commands::record_outcome(std::int64_t id, const Outcome& outcome, TimePoint at) {
    return database_.run("UPDATE commands SET done_at = ?, ok = ?, result = ? WHERE id = ?", at, outcome.ok,
                         outcome.sentence, id);
}

}  // namespace batchd::store
