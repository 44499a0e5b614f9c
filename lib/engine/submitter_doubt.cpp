// Looking whether an upload or a create took effect whose answer nobody has.

#include <utility>

#include "engine/listing.hpp"
#include "engine/look_back.hpp"
#include "engine/lookup.hpp"
#include "engine/submitter.hpp"

namespace batchd::engine {

using provider::FailureKind;
using store::BatchPhase;

namespace {

/// It is over already (providers say so in different words), and there is nothing left to stop.
bool can_not_be_stopped(FailureKind kind) {
    return kind == FailureKind::conflict || kind == FailureKind::refused || kind == FailureKind::not_found;
}

}  // namespace

Submitter::Step Submitter::settle_upload(const store::Batch& batch, const store::Job& job) {
    doubts_.try_emplace(batch.id.value, ports_.clock.uptime(), ports_.settings.provider.list_lag);
    FileMark mark{.filename = remote_name(batch), .size_bytes = batch.size_bytes};
    LookBack back(batch.intent_at.value_or(batch.created_at), ports_.clock.now());
    std::optional<provider::FileObject> found;
    auto extent = co_await walk_listing<provider::FileObject>(
        [this](std::string after) { return ports_.provider.list_files(std::move(after)); },
        [&](const provider::FileObject& file) {
            mark.not_before = back.not_before(file.created_at);
            return look_at_file(mark, file, found);
        },
        kLookPagesMax);
    if (!extent) co_return postponed(extent.error(), "looking whether an upload took effect");
    if (found) {
        if (auto recorded = ports_.store.batches.record_upload(batch.id, found->id); !recorded)
            co_return postponed(recorded.error());
        settled(batch, job, "the upload took effect: " + found->id);
        co_return std::nullopt;
    }
    if (*extent == Extent::cut_short)
        co_return Postponed{.why = "the provider's list of files is too long to look through"};
    co_return still_absent(batch, job, BatchPhase::planned);
}

Submitter::Step Submitter::settle_creation(const store::Batch& batch, const store::Job& job) {
    doubts_.try_emplace(batch.id.value, ports_.clock.uptime(), ports_.settings.provider.list_lag);
    BatchSearch search{.key = batch.key, .input_file_id = batch.input_file_id, .endpoint = batch.endpoint};
    LookBack back(batch.intent_at.value_or(batch.created_at), ports_.clock.now());
    Result<void> readable;
    auto extent = co_await walk_listing<provider::BatchObject>(
        [this](std::string after) { return ports_.provider.list_batches(std::move(after)); },
        [&](const provider::BatchObject& object) {
            // A batch on record is an earlier attempt on the same file, which the provider refused.
            const auto known = ports_.store.batches.knows(object.id);
            if (!known) readable = known.error();
            search.not_before = back.not_before(object.created_at);
            return search.look_at(object, !known || *known ? OnRecord::yes : OnRecord::no);
        },
        kLookPagesMax);
    if (!readable) co_return postponed(readable.error());  // ours may have been passed over
    if (!extent) co_return postponed(extent.error(), "looking whether a create took effect");
    if (search.found.empty())
        if (auto wait = co_await ask_for_nameless(search)) co_return wait;
    if (!search.found.empty()) {
        provider::BatchObject adopted = search.take_furthest();
        auto progress = co_await cancel_twins(search.ids(), batch, job);
        if (progress) co_return progress;
        settled(batch, job, "the create took effect: " + adopted.id);
        co_return record_created(batch, job, adopted);
    }
    if (*extent == Extent::cut_short)
        co_return Postponed{.why = "the provider's list of batches is too long to look through"};
    co_return still_absent(batch, job, BatchPhase::uploaded);
}

Submitter::Step Submitter::ask_for_nameless(BatchSearch& search) {
    for (const std::string& id : std::exchange(search.nameless, {})) {
        auto object = co_await ports_.provider.retrieve(id);
        if (!object) co_return postponed(object.error(), "looking whether a create took effect");
        search.look_at(*object, OnRecord::no);
        if (search.nameless.empty()) continue;
        // Sending it again could be paid twice, and taking it could deliver somebody else's answers.
        co_return Postponed{.why =
                                id +
                                " may be this batch: the provider shows neither its metadata nor its input "
                                "file. Nothing is sent again while it stands in the provider's list"};
    }
    co_return std::nullopt;
}

Submitter::Step Submitter::cancel_twins(std::vector<std::string> batch_ids, const store::Batch& batch,
                                        const store::Job& job) {
    for (const std::string& id : batch_ids) {
        auto cancelled = co_await ports_.provider.cancel(id);
        if (!cancelled && !can_not_be_stopped(cancelled.error().kind))
            co_return postponed(cancelled.error(), "cancelling a second batch of one attempt");
        ports_.journal.note(EventKind::twin_cancelled, job, batch,
                            cancelled ? id : id + ": " + provider::to_string(cancelled.error()));
    }
    co_return std::nullopt;
}

Progress Submitter::still_absent(const store::Batch& batch, const store::Job& job, BatchPhase back_to) {
    const Doubt::Next next = doubts_.at(batch.id.value).not_found(ports_.clock.uptime());
    if (!next.believed_absent)
        return Postponed{.why = "waiting until the provider's listing can be believed",
                         .until = Postponed::Until::delay,
                         .delay = next.look_again_in};
    std::optional<TimePoint> watch_until;  // a second file costs nothing
    if (back_to == BatchPhase::uploaded)
        watch_until = ports_.clock.now() + twin_watch(ports_.settings.provider.list_lag);
    const auto back = ports_.store.database.transact([&]() -> Result<void> {
        if (auto recorded = ports_.store.repeats.record(batch.id, watch_until); !recorded) return recorded;
        return ports_.store.batches.step_back(batch.id, back_to);
    });
    if (!back) return postponed(back.error());
    if (watch_until) ports_.wakes.twins.raise();
    settled(batch, job,
            back_to == BatchPhase::planned ? "the upload had no effect" : "the create had no effect");
    // Backed off from: a provider whose every answer gets lost is not to be sent the same file again and
    // again.
    return Postponed{.why = "a call had no effect and is made again"};
}

void Submitter::settled(const store::Batch& batch, const store::Job& job, std::string_view how) {
    doubts_.erase(batch.id.value);
    ports_.journal.note(EventKind::doubt_settled, job, batch, how);
}

}  // namespace batchd::engine
