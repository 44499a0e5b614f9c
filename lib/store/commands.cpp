#include "store/commands.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "store/rows.hpp"

namespace batchd::store {
namespace {

constexpr std::array kVerbs{
    std::pair{Verb::cancel, std::string_view("cancel")}, std::pair{Verb::retry, std::string_view("retry")},
    std::pair{Verb::abandon, std::string_view("abandon")}, std::pair{Verb::adopt, std::string_view("adopt")},
    std::pair{Verb::resend, std::string_view("resend")}};

}  // namespace

std::string_view to_string(Verb verb) {
    return std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& row) { return row.first == verb; })
        ->second;
}

std::optional<Verb> parse_verb(std::string_view word) {
    const auto found =
        std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& row) { return row.second == word; });
    if (found == kVerbs.end()) return std::nullopt;
    return found->first;
}

Result<std::int64_t> Commands::add(Verb verb, JobId job, TimePoint at, const std::string& argument) {
    auto statement = database_.statement(
        "INSERT INTO commands (verb, job_id, at, argument) VALUES (?, ?, ?, ?) RETURNING id");
    if (!statement) return statement.error();
    return (*statement)->bind(to_string(verb)).bind(job.value).bind(at).bind_or_null(argument).run_for_id();
}

Result<std::optional<Command>> Commands::find(std::int64_t id) {
    auto statement = database_.statement(
        "SELECT id, verb, job_id, done_at, result, ok, job_key, argument FROM commands WHERE id = ?");
    if (!statement) return statement.error();
    const auto row = (*statement)->bind(id).step();
    if (!row) return row.error();
    if (!*row) return std::optional<Command>();
    Command command;
    command.id = (*statement)->integer();
    command.verb = parse_verb((*statement)->text()).value_or(Verb::cancel);  // CHECK allows no other
    command.job_id = JobId{(*statement)->integer()};
    command.done_at = (*statement)->optional_time();
    command.result = (*statement)->text();
    command.ok = (*statement)->integer() != 0;
    command.job_key = (*statement)->text();
    command.argument = (*statement)->text();
    (*statement)->reset();
    return std::optional(std::move(command));
}

Result<std::vector<std::int64_t>> Commands::open(std::size_t count_max) {
    auto statement = database_.statement("SELECT id FROM commands WHERE done_at IS NULL ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    (*statement)->bind(static_cast<std::uint64_t>(count_max));
    return read_ids<std::int64_t>(**statement);
}

Result<std::int64_t> Commands::newest() {
    auto statement = database_.statement("SELECT coalesce(max(id), 0) FROM commands");
    if (!statement) return statement.error();
    if (const auto row = (*statement)->step(); !row) return row.error();
    const std::int64_t id = (*statement)->integer();
    (*statement)->reset();
    return id;
}

bool Commands::may_have_made(const std::string& job_key, std::int64_t newest) {
    auto statement = database_.statement("SELECT count(*) FROM commands WHERE job_key = ? AND id <= ?");
    if (!statement) return true;
    const auto count = read_count((*statement)->bind(std::string_view(job_key)).bind(newest));
    return !count || *count > 0;
}

Result<void> Commands::record_job_key(std::int64_t id, const std::string& key) {
    auto statement = database_.statement("UPDATE commands SET job_key = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(key).bind(id).run();
}

Result<void> Commands::record_outcome(std::int64_t id, const Outcome& outcome, TimePoint at) {
    auto statement = database_.statement("UPDATE commands SET done_at = ?, ok = ?, result = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(at)
        .bind(std::int64_t{outcome.ok ? 1 : 0})
        .bind(outcome.sentence)
        .bind(id)
        .run();
}

}  // namespace batchd::store
