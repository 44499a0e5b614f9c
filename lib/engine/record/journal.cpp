#include "engine/record/journal.hpp"

#include "engine/record/owner.hpp"
#include "store/told/sharers.hpp"

namespace batchd::engine {
namespace {

/// Of these, the trigger `events_are_told` of the schema adds a notice.
bool is_told_of_batches(EventKind kind) {
    return kind == EventKind::batch_overdue || kind == EventKind::batch_held ||
           kind == EventKind::batch_released;
}

}  // namespace

void Journal::note(EventKind kind, std::string_view detail) {
    add(kind, {}, detail);
}

void Journal::warn(EventKind kind, std::string_view detail) {
    add(kind, {.level = LogLevel::warning}, detail);
}

void Journal::note(EventKind kind, const store::Job& job, std::string_view detail) {
    add(kind, {.job = job.id, .subject = {.job = job.name, .batch = {}}}, detail);
}

void Journal::note(EventKind kind, const store::Job& job, const store::Batch& batch,
                   std::string_view detail) {
    const LogSubject subject{.job = job.name, .batch = batch.batch_id};
    if (!batch.is_shared()) return add(kind, {.job = job.id, .subject = subject}, detail);
    // What several jobs share is told once: each of them finds it by the batch.
    if (!is_told_of_batches(kind)) return add(kind, {.subject = subject}, detail);
    const auto tell = [&] {
        add(kind, {.subject = subject}, detail);
        return store::name_sharers(store_.database, batch.id);
    };
    const auto told = store_.database.has_transaction() ? tell() : store_.database.transact(tell);
    if (!told)
        log_.write(LogLevel::error, info(kind).name, subject,
                   "not recorded in notices: " + to_string(told.error()));
}

void Journal::note_queue(EventKind kind, std::string_view queue, std::string_view detail) {
    add(kind, {.queue = queue}, detail);
}

void Journal::note_command(const store::Command& command, const std::optional<store::Job>& job,
                           std::string_view outcome) {
    const std::string by = command.user.empty() ? "" : " by " + command.user;
    const std::string detail = std::string(to_string(command.verb)) + by + ": " + std::string(outcome);
    About about{.user = command.user};
    if (command.verb == store::Verb::release) about.queue = command.argument;
    if (job) about.job = job->id;
    if (job) about.subject.job = job->name;
    add(EventKind::command, about, detail);
}

void Journal::note_hook(EventKind kind, std::optional<store::JobId> job, std::string_view detail) {
    const auto known = job ? store_.jobs.find(*job) : Result<std::optional<store::Job>>();
    if (known && *known)
        note(kind, **known, detail);
    else
        note(kind, detail);
}

void Journal::waiting(store::JobId id, std::string_view why) {
    const auto job = store_.jobs.find(id);
    // When the database is the trouble, the reason is still worth a line.
    if (job && *job)
        note(EventKind::waiting, **job, why);
    else
        note(EventKind::waiting, why);
}

void Journal::waiting(store::BatchRowId id, std::string_view why) {
    const auto batch = store_.batches.find(id);
    if (!batch || !*batch) return note(EventKind::waiting, why);
    const auto job = owner_of(store_, **batch);
    if (!job || !*job) return note(EventKind::waiting, why);
    note(EventKind::waiting, **job, **batch, why);
}

std::uint64_t Journal::count(EventKind kind) const {
    const auto found = counts_.find(kind);
    return found == counts_.end() ? 0 : found->second;
}

void Journal::log(EventKind kind, const LogSubject& subject, std::string_view detail) {
    const std::string job(subject.job), batch(subject.batch), text(detail);
    store_.database.when_committed([this, kind, job, batch, text] {
        log_.write(info(kind).level, info(kind).name, {.job = job, .batch = batch}, text);
    });
}

void Journal::add(EventKind kind, const About& about, std::string_view detail) {
    const EventInfo& event = info(kind);
    const std::string clean = printable(log_.redacted(detail));
    const std::string job_name(about.subject.job), batch(about.subject.batch);
    // What is not on record has not happened: a line of it would tell of something that comes once more.
    const LogLevel level = about.level.value_or(event.level);
    store_.database.when_committed([this, kind, level, &event, job_name, batch, clean] {
        ++counts_[kind];
        observer_.raise();
        noted_.raise_all();
        log_.write(level, event.name, {.job = job_name, .batch = batch}, shortened(clean));
    });
    auto added =
        store_.events.add(clock_.now(), about.job, batch, event.name, clean, about.user, about.queue);
    if (!added)
        log_.write(LogLevel::error, event.name, about.subject,
                   "not recorded in events: " + to_string(added.error()));
}

}  // namespace batchd::engine
