#include "engine/record/journal.hpp"

#include "engine/pack/owner.hpp"

namespace batchd::engine {

void Journal::note(EventKind kind, std::string_view detail) {
    add(kind, std::nullopt, {}, detail);
}

void Journal::note(EventKind kind, const store::Job& job, std::string_view detail) {
    add(kind, job.id, {.job = job.name, .batch = {}}, detail);
}

void Journal::note(EventKind kind, const store::Job& job, const store::Batch& batch,
                   std::string_view detail) {
    // What several jobs share is told once: each of them finds it by the batch.
    const auto id = batch.is_shared() ? std::nullopt : std::optional(job.id);
    add(kind, id, {.job = job.name, .batch = batch.batch_id}, detail);
}

void Journal::note_command(std::optional<store::Job> job, const std::string& user, std::string_view verb,
                           std::string_view outcome) {
    const std::string by = user.empty() ? "" : " by " + user;
    const std::string detail = std::string(verb) + by + ": " + std::string(outcome);
    if (job)
        add(EventKind::command, job->id, {.job = job->name, .batch = {}}, detail, user);
    else
        add(EventKind::command, std::nullopt, {}, detail, user);
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

void Journal::add(EventKind kind, std::optional<store::JobId> job, const LogSubject& subject,
                  std::string_view detail, std::string_view user) {
    const EventInfo& event = info(kind);
    const std::string clean = printable(log_.redacted(detail));
    const std::string job_name(subject.job), batch(subject.batch);
    // What is not on record has not happened: a line of it would tell of something that comes once more.
    store_.database.when_committed([this, kind, &event, job_name, batch, clean] {
        ++counts_[kind];
        observer_.raise();
        noted_.raise_all();
        log_.write(event.level, event.name, {.job = job_name, .batch = batch}, shortened(clean));
    });
    if (auto added = store_.events.add(clock_.now(), job, batch, event.name, clean, user); !added)
        log_.write(LogLevel::error, event.name, subject,
                   "not recorded in events: " + to_string(added.error()));
}

}  // namespace batchd::engine
