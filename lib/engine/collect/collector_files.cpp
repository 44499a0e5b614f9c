// The result files of a batch: fetched, fetched anew, and held against what the provider says of them.

#include "base/async/run_blocking.hpp"
#include "engine/bill/charges.hpp"
#include "engine/collect/collector.hpp"
#include "engine/stage/holding.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::FailureKind;
using spool::ShardFile;

namespace {

/// Whether a failure is about the file that was asked for, as far as anybody can tell.
bool is_about_the_file(const provider::Failure& failure) {
    return failure.kind == FailureKind::not_found || failure.kind == FailureKind::refused ||
           failure.kind == FailureKind::conflict || failure.kind == FailureKind::unavailable ||
           failure.kind == FailureKind::unsupported;
}

}  // namespace

Collector::Step Collector::fetch_all(const Subject& subject, bool last_look, Fetched& fetched) {
    if (last_look) {
        // What lies on our own disk is fetched at the last moment, too; what can't be is not waited for.
        if (lies_here(subject)) {
            const auto wait =
                co_await fetch(subject, ShardFile::output, subject.batch.output_file_id, false, fetched);
            if (!wait) co_return std::nullopt;
            fetched = Fetched();
        }
        if (auto found = find_on_disk(subject, fetched); !found) co_return postponed(found.error());
        co_return std::nullopt;
    }
    const Looks& looks = looks_[subject.batch.id.value];
    const bool same_ids = !looks.last || (looks.last->output_file_id == subject.batch.output_file_id &&
                                          looks.last->error_file_id == subject.batch.error_file_id);
    // What is whole and still what the batch names is not fetched again: result files may have gigabytes.
    const bool anew = looks.count > 0 && !(looks.files_are_sound && same_ids);
    if (auto wait = co_await fetch(subject, ShardFile::output, subject.batch.output_file_id, anew, fetched))
        co_return wait;
    co_return co_await fetch(subject, ShardFile::error, subject.batch.error_file_id, anew, fetched);
}

bool Collector::lies_here(const Subject& subject) const {
    return ports_.provider.is_on_our_disk() &&
           !is_elsewhere(subject.batch.base_url, ports_.provider.identity());
}

Collector::Step Collector::fetch(const Subject& subject, ShardFile kind, std::string file_id, bool anew,
                                 Fetched& fetched) {
    const Path path = file(subject, kind);
    const auto there = file_exists(path);
    if (!there) co_return postponed(there.error());
    if (file_id.empty()) {
        // It was named once: what it had given still counts, and there may be more of it.
        if (*there) fetched.files.push_back(path);
        fetched.complete = fetched.complete && !*there;
        co_return std::nullopt;
    }
    Path target = path;
    if (*there && anew)
        // Beside the first one, which stays until the new one has shown that it is no worse.
        target = file(subject, kind == ShardFile::output ? ShardFile::output_again : ShardFile::error_again);
    if (!*there || anew) {
        auto downloaded = co_await ports_.provider.download(file_id, target);
        const bool is_gone = !downloaded && provider::says_it_is_not_there(downloaded.error());
        // The page of something on the way says nothing about the file.
        if (!downloaded && !is_gone) co_return postponed(downloaded.error(), "download of " + file_id);
        if (is_gone) {
            fetched.gone = "result file " + file_id + ": " + provider::to_string(downloaded.error());
            fetched.complete = false;
            if (*there) fetched.files.push_back(path);  // what it had given before still counts
            co_return std::nullopt;
        }
    }
    if (target != path) fetched.anew.emplace_back(target, path);
    fetched.files.push_back(target);
    fetched.by_id.emplace_back(std::move(file_id), target);
    co_return std::nullopt;
}

Result<void> Collector::find_on_disk(const Subject& subject, Fetched& fetched) const {
    const store::Batch& batch = subject.batch;
    for (const auto& [kind, id] : {std::pair(ShardFile::output, &batch.output_file_id),
                                   std::pair(ShardFile::error, &batch.error_file_id)}) {
        const Path path = file(subject, kind);
        const auto there = file_exists(path);
        if (!there) return there.error();
        if (*there) fetched.files.push_back(path);
        if (*there && !id->empty()) fetched.by_id.emplace_back(*id, path);
        if (!*there && !id->empty()) fetched.complete = false;
    }
    return {};
}

void Collector::release_results(const Subject& subject, const Fetched& fetched,
                                const jsonl::MatchReport& sorted, Outcome& outcome) const {
    // The cleaner deletes no results of a batch that we have ended, for a provider may write more of them.
    // Here nothing is written by then but that the rest was cancelled.
    if (outcome_of(subject.batch) != store::Outcome::unanswered_cancel || !lies_here(subject)) return;
    const bool all_is_read = fetched.complete && sorted.unreadable + sorted.unknown == 0;
    if (!ports_.account.delete_files || !all_is_read) return;
    outcome.unused_file_id = subject.batch.output_file_id;
    outcome.unused_why = "its answers are taken";
}

Collector::Step Collector::hold_against_sizes(const Fetched& fetched, bool& has_another_size, bool& sound) {
    for (const auto& [id, path] : fetched.by_id) {
        std::error_code ec;
        const std::uint64_t size_bytes = std::filesystem::file_size(path, ec);
        if (ec) co_return postponed(Error{ec, path.string()});
        auto object = co_await ports_.provider.retrieve_file(id);
        if (!object && !is_about_the_file(object.error()))
            co_return postponed(object.error(), "asking how long " + id + " is");
        // Some services say 0 of every file, which is no size.
        const bool is_known = object && object->size_bytes > 0;
        if (is_known && object->size_bytes != size_bytes) has_another_size = true;
        // Where the provider does not say, another download may bring more.
        sound = sound && is_known && object->size_bytes == size_bytes;
    }
    co_return std::nullopt;
}

asio::awaitable<Result<Collector::Answers>> Collector::read(const Subject& subject, const Fetched& fetched) {
    const jsonl::MatchPaths paths = paths_of(subject, fetched.files);
    const money::PriceSources sources = price_sources(ports_.settings);
    const money::AskedFor asked = asked_for(ports_.account, subject.batch.model);
    // Told behind the pool's work: the journal belongs to the thread of the database.
    std::vector<std::string> complaints;
    auto answers = co_await run_blocking(ports_.pool, [&]() -> Result<Answers> {
        // The prices of this moment: one that changes tomorrow changes nothing of what is reckoned today.
        money::Prices::Look prices = ports_.prices.look(sources);
        complaints = std::move(prices.complaints);
        money::BatchBill bill(std::move(prices.book), asked);
        PartCharges charges(subject.parts);
        auto match = jsonl::ResultMatch::read(paths, [&](const jsonl::ResultLine& row) {
            charges.add(row.custom_id, row.usage, bill.add(row.model, row.service_tier, row.usage));
        });
        if (!match) return match.error();
        return Answers{std::move(*match), std::move(bill), std::move(charges)};
    });
    for (const std::string& complaint : complaints) ports_.journal.note(EventKind::prices, complaint);
    co_return answers;
}

Collector::Step Collector::keep_the_better(const Subject& subject, bool is_worse, Fetched& fetched) {
    auto kept = co_await run_blocking(ports_.pool, [&]() -> Result<void> {
        for (const auto& [anew, path] : fetched.anew) {
            const auto done = is_worse ? remove_file(anew) : rename_file(anew, path);
            if (!done) return done;
        }
        return {};
    });
    if (!kept) co_return postponed(kept.error());
    fetched.files.clear();
    fetched.by_id.clear();
    // It has shown more before than it does now, so that it may show more again: this is not the end of it.
    if (is_worse) fetched.complete = false;
    if (auto found = find_on_disk(subject, fetched); !found) co_return postponed(found.error());
    co_return std::nullopt;
}

}  // namespace batchd::engine
