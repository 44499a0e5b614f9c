#include "store/commands.hpp"

#include "store/rows.hpp"

namespace batchd::store {

std::string_view to_string(Verb verb) {
    return verb == Verb::cancel ? "cancel" : "retry";
}

Result<std::int64_t> Commands::add(Verb verb, JobId job, TimePoint at) {
    auto statement =
        database_.statement("INSERT INTO commands (verb, job_id, at) VALUES (?, ?, ?) RETURNING id");
    if (!statement) return statement.error();
    return (*statement)->bind(to_string(verb)).bind(job.value).bind(at).run_for_id();
}

Result<std::optional<Command>> Commands::find(std::int64_t id) {
    auto statement = database_.statement(
        "SELECT id, verb, job_id, done_at, result, ok, job_key FROM commands WHERE id = ?");
    if (!statement) return statement.error();
    const auto row = (*statement)->bind(id).step();
    if (!row) return row.error();
    if (!*row) return std::optional<Command>();
    Command command;
    command.id = (*statement)->integer();
    command.verb = (*statement)->text() == "retry" ? Verb::retry : Verb::cancel;  // CHECK allows no other
    command.job_id = JobId{(*statement)->integer()};
    command.done_at = (*statement)->optional_time();
    command.result = (*statement)->text();
    command.ok = (*statement)->integer() != 0;
    command.job_key = (*statement)->text();
    (*statement)->reset();
    return std::optional(std::move(command));
}

Result<std::vector<std::int64_t>> Commands::open(std::size_t count_max) {
    auto statement = database_.statement("SELECT id FROM commands WHERE done_at IS NULL ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    (*statement)->bind(static_cast<std::uint64_t>(count_max));
    return read_ids<std::int64_t>(**statement);
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
