#include "engine/pack/packing.hpp"

#include <algorithm>
#include <limits>

#include "base/async/run_blocking.hpp"
#include "base/uuid.hpp"
#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/stage/sized_workers.hpp"
#include "engine/terms/terms.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// What is on its way already goes before all that is not.
constexpr std::int64_t kBegun = std::numeric_limits<std::int64_t>::max();

std::vector<store::BatchRowId> in_order(std::vector<store::Batches::ToSubmit> ready) {
    std::stable_sort(ready.begin(), ready.end(),
                     [](const auto& a, const auto& b) { return a.priority > b.priority; });
    std::vector<store::BatchRowId> ids;
    ids.reserve(ready.size());
    for (const auto& row : ready) ids.push_back(row.id);
    return ids;
}

/// Nobody else takes the key while a bundle is made with it.
class KeyHeld {
public:
    KeyHeld(std::set<std::string>& keys, const std::string& key) : keys_(keys), key_(key) {}
    KeyHeld(const KeyHeld&) = delete;
    KeyHeld& operator=(const KeyHeld&) = delete;
    ~KeyHeld() { keys_.erase(key_); }

private:
    std::set<std::string>& keys_;
    const std::string key_;
};

}  // namespace

Packing::Packing(const Ports& ports, LostAttempts& lost)
    : ports_(ports), lost_(lost), pause_(ports.wakes.executor()) {}

asio::awaitable<void> Packing::run() {
    for (;;) {
        if (!next_) {
            co_await pause_.wait();
            continue;
        }
        const Millis left = *next_ - ports_.clock.uptime();
        if (left > Millis{0}) {
            co_await pause_.wait_for(ports_.clock, left);
            continue;
        }
        next_.reset();
        ports_.own_wakes.submitter.raise();
    }
}

Result<std::vector<store::BatchRowId>> Packing::find(std::size_t count_max) {
    auto ready = ports_.store.batches.to_submit(ports_.name, count_max);
    if (!ready) return ready.error();
    // What may be shared is not among those that the database calls ready, and what was chosen of it has to
    // stay in sight until it is sent: else nobody would go on with it after a pause.
    for (const auto& [row, word] : under_way_) ready->push_back({store::BatchRowId{row}, kBegun});
    const auto words = ports_.store.parts.words(ports_.name);
    if (!words) return words.error();
    const Millis now = ports_.clock.uptime();
    // Made up anew with each look: what waited for the end of a pause may have gone or been cancelled.
    next_.reset();
    for (const std::string& word : *words) {
        // An entry that is made by this is one of a kind of which nothing is under way.
        const Kind& kind = kinds_[word];
        if (kind.under_way != 0) continue;
        const auto single = is_single(word);
        if (!single) return single.error();
        if (const Millis wait = kind.pace.wait(*single, now); wait > Millis{0})
            next_ = std::min(next_.value_or(now + wait), now + wait);
        else if (auto chosen = choose(word, *single, *ready); !chosen)
            return chosen.error();
    }
    // run() may be asleep until a moment that does not count any more.
    pause_.raise();
    return in_order(std::move(*ready));
}

Result<bool> Packing::is_single(const std::string& word) const {
    // Two are enough to see that one is not alone, however many thousands wait.
    const auto waiting = ports_.store.parts.waiting(ports_.name, word, 2);
    if (!waiting || waiting->size() != 1) return waiting ? Result<bool>(false) : waiting.error();
    // A small file that was claimed and is still being read will be company in a moment; a larger one takes
    // its time, and is not waited for.
    const auto at_hand = ports_.store.jobs.of_size(store::JobState::claimed, 0, kTinyFiles.up_to, 1);
    if (!at_hand) return at_hand.error();
    return at_hand->empty();
}

/// The first that go as one; what is behind them comes to its turn when these are under way.
Result<void> Packing::choose(const std::string& word, bool is_single,
                             std::vector<store::Batches::ToSubmit>& ready) {
    const auto first = ports_.store.parts.waiting(ports_.name, word, 1);
    if (!first || first->empty()) return first ? Result<void>() : first.error();
    const auto limits = limits_of(first->front());
    if (!limits) return limits.error();
    // Each has a request at least, so one more than fits shows whether there is anything behind the pack.
    const auto waiting = ports_.store.parts.waiting(ports_.name, word, limits->requests + 1);
    if (!waiting) return waiting.error();
    auto packs = pack(*waiting, *limits, waiting->size() <= limits->requests);
    if (packs.empty()) return {};
    Pack& next = packs.front();
    const store::BatchRowId id = next.members.front().batch;
    // Only what would have grown by waiting counts against the pace: a full one could not.
    if (!next.is_full) kinds_[word].pace.went(is_single, ports_.clock.uptime());
    start(word, id);
    ready.push_back({id, first->front().priority});
    if (next.members.size() > 1) chosen_[id.value] = {word, std::move(next)};
    return {};
}

void Packing::start(const std::string& word, store::BatchRowId id) {
    kinds_[word].under_way = id.value;
    under_way_[id.value] = word;
}

void Packing::let_go(store::BatchRowId id) {
    const auto found = under_way_.find(id.value);
    if (found == under_way_.end()) return;
    kinds_[found->second].under_way = 0;
    under_way_.erase(found);
    chosen_.erase(id.value);
    ports_.own_wakes.submitter.raise();
}

Result<void> Packing::leave_behind(store::BatchRowId id) {
    if (!under_way_.contains(id.value)) return {};
    // Or it would be chosen again at once, as the first of those that wait.
    if (auto alone = ports_.store.parts.goes_alone(id); !alone) return alone;
    let_go(id);
    return {};
}

Result<PackLimits> Packing::limits_of(const store::Sharing& first) const {
    const auto batch = ports_.store.batches.find(first.batch);
    if (!batch) return batch.error();
    const auto job = ports_.store.jobs.find(first.job);
    if (!job) return job.error();
    if (!*batch || !*job) return PackLimits{};
    const auto read = terms_of(**job, ports_.settings);
    if (!read) return PackLimits{};  // it goes by itself, and the submitter says what is wrong
    const config::Batch& terms = read->batch;
    PackLimits limits{.requests = terms.max_requests, .size_bytes = terms.max_bytes};
    if (const auto tokens = terms.enqueued_tokens.find((*batch)->model);
        tokens != terms.enqueued_tokens.end())
        limits.tokens = tokens->second;
    return limits;
}

asio::awaitable<Progress> Packing::bring_together(store::BatchRowId id) {
    // A copy: while the provider is asked, the entry may be taken away.
    Chosen chosen = chosen_.at(id.value);
    Members members = co_await look_for_lost(chosen.pack.members);
    if (members.wait) co_return members.wait;
    std::vector<store::Sharing>& all = members.all;
    const auto is_among_them = [&] { return !all.empty() && all.front().batch == id; };
    chosen_.erase(id.value);
    while (all.size() > 1 && is_among_them()) {
        auto made = co_await make_bundle(all, chosen, id);
        if (!made.unreadable) co_return made.wait;
        // By itself it says what is wrong with it, and is mended where that can be; the others go without it.
        const auto out = all.begin() + static_cast<std::ptrdiff_t>(*made.unreadable);
        if (auto alone = ports_.store.parts.goes_alone(out->batch); !alone)
            co_return postponed(alone.error());
        all.erase(out);
    }
    // It goes by itself after all, and the others are looked at anew.
    if (!is_among_them()) let_go(id);
    co_return std::nullopt;
}

/// What the provider has already, sent before the database was lost or put back, goes by itself: it is found
/// when its turn comes.
asio::awaitable<Packing::Members> Packing::look_for_lost(std::vector<store::Sharing> chosen) {
    Members members;
    for (store::Sharing& member : chosen) {
        if (!lost_.may_have_been_sent(member)) {
            members.all.push_back(std::move(member));
            continue;
        }
        const auto batch = ports_.store.batches.find(member.batch);
        const auto job = ports_.store.jobs.find(member.job);
        if (!batch || !job) {
            members.wait = postponed(batch ? job.error() : batch.error());
            co_return members;
        }
        if (!*batch || !*job) continue;
        // One by one, and mostly out of one walk that is shared: see Surveyor.
        const auto search = co_await lost_.look_for(**batch, **job);
        const bool is_its_own = search.wait && search.wait->is_its_own;
        if (search.wait && !is_its_own) {
            members.wait = search.wait;
            co_return members;
        }
        // What has gone on as another attempt must not be in a batch of others either; by itself it ends.
        if (!is_its_own && !search.found && search.successor == Successor::none)
            members.all.push_back(std::move(member));
        else if (auto alone = ports_.store.parts.goes_alone(member.batch); !alone)
            members.wait = postponed(alone.error());
        if (members.wait) co_return members;
    }
    co_return members;
}

asio::awaitable<Packing::Made> Packing::make_bundle(const std::vector<store::Sharing>& members,
                                                    const Chosen& chosen, store::BatchRowId id) {
    const auto first = ports_.store.batches.find(id);
    if (!first) co_return Made(postponed(first.error()));
    if (!*first) {
        let_go(id);
        co_return Made();
    }
    BundleFile bundle;
    bundle.provider = ports_.name;
    bundle.endpoint = (*first)->endpoint;
    bundle.model = (*first)->model;
    for (const store::Sharing& member : members) {
        bundle.estimated_tokens += member.estimated_tokens;
        bundle.members.push_back({member.job_key, member.shard, member.requests});
    }
    const auto taken_key = take_key(members);
    if (!taken_key) co_return Made(postponed(taken_key.error()));
    const std::string& key = *taken_key;
    const KeyHeld held{keys_, key};
    auto text = co_await run_blocking(ports_.pool, [&] { return write_bundle(ports_.layout, key, bundle); });
    if (text && text->unreadable) {
        auto removed = co_await unmake(key);
        if (!removed) co_return Made(postponed(removed.error()));
        Made made;
        made.unreadable = text->unreadable;
        co_return made;
    }

    store::Batch shared = **first;
    // A bundle is nobody's alone: `parts` says whose rows it has.
    shared.job_id = {};
    shared.bundle = key;
    shared.share.clear();
    shared.shard = shared.attempt = 1;
    shared.key = attempt_key(key, {1, 1});
    shared.estimated_tokens = bundle.estimated_tokens;
    shared.created_at = ports_.clock.now();
    if (text) shared.requests = text->requests, shared.size_bytes = text->size_bytes;
    // The files first: a bundle that the database knows and that has no folder could not be sent, and the
    // batches that it replaced would be gone.
    const auto recorded = text ? record(shared, members) : Result<bool>(text.error());
    let_go(id);  // what is chosen next is chosen from what is there now
    if (recorded && *recorded) {
        const auto row = ports_.store.batches.find_by_key(shared.key);
        // It is under way in the place of the row that stood for it. A full one holds nobody up: what comes
        // behind would not have fitted in.
        if (row && *row && !chosen.pack.is_full) start(chosen.word, (*row)->id);
        co_return Made();
    }
    // Somebody cancelled one of them meanwhile, or there is no room for it.
    const auto removed = co_await unmake(key);
    if (!recorded) co_return Made(postponed(recorded.error()));
    co_return removed ? Made() : Made(postponed(removed.error()));
}

asio::awaitable<Result<void>> Packing::unmake(const std::string& key) {
    co_return co_await run_blocking(ports_.pool, [&] { return remove_work_directory(ports_.layout, key); });
}

Result<std::string> Packing::take_key(const std::vector<store::Sharing>& members) {
    BundleKey keys;
    for (const store::Sharing& member : members) keys.add(member.job_key, member.requests);
    for (unsigned number = 0; number < kBundleNumbersMax; ++number) {
        std::string key = keys.get(number);
        const auto is_free = may_be_taken(key);
        if (!is_free) return is_free.error();
        if (*is_free) return *keys_.insert(std::move(key)).first;
    }
    // It can not be told from its file at the provider any more, only from work/ and the database; that is
    // better than not to send it.
    return random_key();
}

Result<bool> Packing::may_be_taken(const std::string& key) const {
    // Files with requests for two models share two batches, which are made side by side of the same jobs:
    // the one that is begun has neither a folder nor a row yet.
    if (keys_.contains(key)) return false;
    const auto is_known = ports_.store.bundles.knows(key);
    if (!is_known || *is_known) return is_known ? Result<bool>(false) : is_known.error();
    // The folder counts as well as the row: one may be left of a bundle that was given up, or whose row was
    // lost with the database, and must not be written over.
    const auto is_there = file_exists(ports_.layout.work_directory(key));
    return is_there ? Result<bool>(!*is_there) : is_there.error();
}

/// False where one of them is no longer to be sent as it was chosen.
Result<bool> Packing::record(const store::Batch& shared, const std::vector<store::Sharing>& members) {
    bool all_moved = true;
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        const auto row = ports_.store.batches.add_shared(shared);
        if (!row) return row.error();
        std::uint64_t before = 0;
        for (const store::Sharing& member : members) {
            const auto moved =
                ports_.store.parts.move(member.batch, *row, before + 1, before + member.requests);
            if (!moved) return moved.error();
            before += member.requests;
            if (*moved) continue;
            all_moved = false;
            // An error, so that all of it is rolled back: the file has the rows of all, and can not go
            // without one.
            return error(Errc::changed, "one that was to share a batch is not to be sent any more");
        }
        return {};
    });
    if (recorded) return true;
    if (!all_moved) return false;
    return recorded.error();
}

}  // namespace batchd::engine
