#include "engine/bundle/known_bundles.hpp"

#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/work_directory.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kBundleName = "bundle.json";  // and what it is called while it is written

/// The first attempt of a bundle as its folder tells it; nothing where it was never whole.
Result<std::optional<store::Batch>> first_attempt_of(const spool::Layout& layout, const std::string& key,
                                                     const BundleFile& bundle, TimePoint now) {
    const Path prepared = layout.shard_file(key, {1, 1}, spool::ShardFile::prepared);
    const auto there = jsonl::row_file_exists(prepared);
    if (!there || !*there) return there ? Result<std::optional<store::Batch>>(std::nullopt) : there.error();
    const auto index = jsonl::RowIndex::load(prepared);
    if (!index) return index.error();
    const auto size_bytes = jsonl::text_bytes_of(prepared);
    if (!size_bytes) return size_bytes.error();
    store::Batch batch;
    batch.bundle = key;
    batch.key = attempt_key(key, {1, 1});
    batch.endpoint = bundle.endpoint;
    batch.model = bundle.model;
    // By what lies there, which is what would be sent, and not by what was meant to.
    batch.requests = index->rows().size();
    batch.size_bytes = *size_bytes;
    batch.estimated_tokens = bundle.estimated_tokens;
    batch.created_at = now;
    batch.provider = bundle.provider;
    return std::optional(std::move(batch));
}

/// What is not known of it is what is known of its members.
Result<void> fill_in(store::Store& store, const BundleFile& bundle, store::Batch& batch) {
    if (!batch.model.empty()) return {};
    for (const BundleMember& member : bundle.members) {
        const auto own = store.batches.find_by_key(attempt_key(member.job_key, {member.shard, 1}));
        if (!own) return own.error();
        if (!*own) continue;
        batch.model = (*own)->model;
        batch.estimated_tokens += (*own)->estimated_tokens;
    }
    return {};
}

/// Members that are not there any more have ended, and their requests are left out. Answers how many are.
Result<std::uint64_t> take_members(store::Store& store, store::BatchRowId row, const BundleFile& bundle) {
    std::uint64_t taken = 0, before = 0;
    for (const BundleMember& member : bundle.members) {
        // Counted for those who are gone as well: their rows are in the file, and all behind them keep their
        // places.
        const std::uint64_t first = before + 1;
        before += member.requests;
        const auto own = store.batches.find_by_key(attempt_key(member.job_key, {member.shard, 1}));
        if (!own) return own.error();
        if (!*own) continue;
        const auto took = store.parts.take_over((*own)->id, row, first, before);
        if (!took) return took.error();
        if (*took) ++taken;
    }
    return taken;
}

/// True as well for a job's folder, known or not.
Result<bool> is_known(store::Store& store, const Path& folder, const std::string& key) {
    const auto is_bundle = is_bundle_folder(folder);
    if (!is_bundle) return is_bundle.error();
    if (*is_bundle) return store.bundles.knows(key);
    // A power cut may leave the folder of a bundle with nothing in it, which is also what a job has between
    // the commit of its row and the move of its file.
    std::error_code ec;
    const bool is_empty = fs::is_empty(folder, ec);
    if (ec) return Error{ec, folder.string()};
    if (!is_empty) return true;
    const auto job = store.jobs.find_by_key(key);
    if (!job) return job.error();
    return job->has_value();
}

Result<std::vector<std::string>> unknown_bundles(const spool::Layout& layout, store::Store& store) {
    auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    std::vector<std::string> unknown;
    for (std::string& key : *keys) {
        const auto known = is_known(store, layout.work_directory(key), key);
        if (!known) return known.error();
        if (!*known) unknown.push_back(std::move(key));
    }
    return unknown;
}

}  // namespace

Result<bool> add_bundle(const spool::Layout& layout, store::Store& store, const std::string& key,
                        TimePoint now) {
    const auto bundle = read_bundle_file(layout.bundle(key));
    if (!bundle && bundle.error().code != Errc::not_found) return bundle.error();
    // bundle.json is what a bundle begins with, and nothing is sent before all of it is there.
    if (!bundle) return false;
    auto batch = first_attempt_of(layout, key, *bundle, now);
    if (!batch || !*batch) return batch ? Result<bool>(false) : batch.error();
    if (auto filled = fill_in(store, *bundle, **batch); !filled) return filled.error();
    const auto row = store.batches.add_shared(**batch);
    if (!row) return row.error();
    const auto taken = take_members(store, *row, *bundle);
    if (!taken) return taken.error();
    if (*taken > 0) return true;
    // The row was needed to hand the members over to; with none of them there it goes again.
    const auto forgotten = store.bundles.record_cleaned(key, now);
    if (!forgotten) return forgotten.error();
    return false;
}

Result<bool> is_bundle_folder(const Path& work_directory) {
    // A crash while it was first written leaves only the temporary name, and the folder would be taken for
    // that of a job.
    for (const std::string_view ending : {"", ".tmp"}) {
        const auto there = file_exists(work_directory / std::string(kBundleName).append(ending));
        if (!there || *there) return there;
    }
    return false;
}

Result<std::uint64_t> add_unknown_bundles(const spool::Layout& layout, store::Store& store, TimePoint now) {
    const auto keys = unknown_bundles(layout, store);
    if (!keys) return keys.error();
    std::uint64_t added = 0;
    for (const std::string& key : *keys) {
        const auto is_needed = add_bundle(layout, store, key, now);
        if (!is_needed) return is_needed.error();
        if (*is_needed) {
            ++added;
            continue;
        }
        // Nobody else would ever clean it away: the database does not know of it.
        if (auto removed = remove_work_directory(layout, key); !removed) return removed.error();
    }
    return added;
}

}  // namespace batchd::engine
