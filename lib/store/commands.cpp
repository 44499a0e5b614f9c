#include "store/commands.hpp"

namespace batchd::store {

std::string_view to_string(Verb verb) {
    return verb == Verb::cancel ? "cancel" : "retry";
}

Result<std::int64_t> Commands::add(Verb verb, JobId job, TimePoint at) {
    auto statement =
        database_.statement("INSERT INTO commands (verb, job_id, at) VALUES (?, ?, ?) RETURNING id");
    if (!statement) return statement.error();
    const auto row = (*statement)->bind(to_string(verb)).bind(job.value).bind(at).step();
    const std::int64_t id = row ? (*statement)->integer() : 0;
    const auto end = row ? (*statement)->step() : row;  // the commit comes behind the row
    (*statement)->reset();
    if (!end) return end.error();
    return id;
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
    std::vector<std::int64_t> ids;
    for (;;) {
        const auto row = (*statement)->step();
        if (!row) return row.error();
        if (!*row) break;
        ids.push_back((*statement)->integer());
    }
    (*statement)->reset();
    return ids;
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
