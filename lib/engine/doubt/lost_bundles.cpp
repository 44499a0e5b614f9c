#include "engine/doubt/lost_bundles.hpp"

#include <optional>

#include <fcntl.h>

#include "base/async/run_blocking.hpp"
#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/bundle/known_bundles.hpp"
#include "engine/work_directory.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

namespace {

/// A load balancer may have said the first.
constexpr unsigned kDenialsMax = 2;
constexpr std::size_t kSentBytesMax = 512ULL * 1024 * 1024;  // of a line

/// Calls visit(id, line) for each line under an id of ours, in their order. Errors: errno; whatever visit
/// answers; corrupt for a line without one.
template <class Visit>
Result<void> each_sent(const Path& path, Visit visit) {
    const auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    jsonl::LineReader reader(fd->get(), kSentBytesMax);
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(path.string(), more.error());
        if (!*more) return {};
        // A JSON string, of which the quotes are taken off below; our ids have nothing that would be escaped.
        const auto quoted = jsonl::id_of_prepared(line.text);
        const auto id = quoted && quoted->size() > 2
                            ? jsonl::parse_wire_id(quoted->substr(1, quoted->size() - 2))
                            : std::nullopt;
        if (!id) return error(Errc::corrupt, path.string() + " has a line under an id that is not ours");
        if (auto visited = visit(*id, line.text); !visited) return visited;
    }
}

/// The shard of the job that begins with this line, as its folder has it; nothing where it has none.
std::optional<std::uint64_t> shard_with(const spool::Layout& layout, const jsonl::WireId& first) {
    for (std::uint64_t shard = 1;; ++shard) {
        const auto index =
            jsonl::RowIndex::load(layout.shard_file(first.job_key, {shard, 1}, spool::ShardFile::prepared));
        if (!index) return std::nullopt;
        if (!index->rows().empty() && index->rows().front().line_number == first.line_number) return shard;
    }
}

struct Contents {
    std::vector<BundleMember> members;
    std::string key;
};

/// Nothing where it is not the first attempt of a bundle: what follows from one is found when it is
/// collected.
Result<std::optional<Contents>> read_contents(const spool::Layout& layout, const Path& sent,
                                              const std::string& mark) {
    Contents contents;
    const auto read = each_sent(sent, [&](const jsonl::WireId& id, std::string_view) -> Result<void> {
        if (contents.members.empty() || contents.members.back().job_key != id.job_key)
            // A job that is no longer here has no folder to ask, and is passed over when the members are
            // taken: any number does for its shard.
            contents.members.push_back({id.job_key, shard_with(layout, id).value_or(1), 0});
        ++contents.members.back().requests;
        return {};
    });
    if (!read && read.error().code == Errc::corrupt) return std::optional<Contents>();
    if (!read) return read.error();
    BundleKey keys;
    for (const BundleMember& member : contents.members) keys.add(member.job_key, member.requests);
    // The number is not in the file. The mark tells it, and proves with it that these are all members and
    // that none is missing.
    for (unsigned number = 0; number < kBundleNumbersMax; ++number) {
        contents.key = keys.get(number);
        if (attempt_key(contents.key, {1, 1}) == mark) return std::optional(std::move(contents));
    }
    return std::optional<Contents>();
}

/// As write_bundle(), from what was sent.
Result<void> write_again(const spool::Layout& layout, const std::string& key, const BundleFile& bundle,
                         const Path& sent) {
    if (auto made = make_directory(layout.work_directory(key)); !made) return made;
    if (auto written = write_bundle_file(layout.bundle(key), bundle); !written) return written;
    auto writer = jsonl::RowFileWriter::create(layout.shard_file(key, {1, 1}, spool::ShardFile::prepared));
    if (!writer) return writer.error();
    std::uint64_t number = 0;
    const auto copied = each_sent(sent, [&](const jsonl::WireId& id, std::string_view line) {
        return writer->append(++number, digest128(jsonl::wire_id(id.job_key, id.line_number)), line);
    });
    return copied ? writer->commit() : copied;
}

}  // namespace

asio::awaitable<Progress> LostBundles::look(const BatchSurvey& survey) {
    for (const BatchObject& shown : survey.shared()) {
        if (seen_.contains(shown.id) || is_of_nobody_here(shown)) continue;
        const auto turn = co_await one_.enter();
        std::string mark = shown.metadata.at("batchd_key");
        const auto known = ports_.store.batches.find_by_key(mark);
        if (!known) co_return postponed(known.error());
        if (!*known)
            if (auto wait = co_await take(shown, std::move(mark))) co_return wait;
        // Only what was settled: one whose file could not be had is asked for again.
        seen_.insert(shown.id);
    }
    co_return std::nullopt;
}

bool LostBundles::is_of_nobody_here(const BatchObject& shown) const {
    const bool has_run =
        shown.status != provider::BatchStatus::failed || shown.completed > 0 || !shown.output_file_id.empty();
    if (!has_run) return true;
    // What was made before this state had its id may have gone from here under one that was lost.
    const auto state = shown.metadata.find("batchd_state");
    return identity_ && state != shown.metadata.end() && state->second != identity_->id &&
           shown.created_at > identity_->made_at + kClockMargin;
}

Progress LostBundles::without_file(const BatchObject& shown, const provider::Failure& failure) {
    const bool is_gone = provider::says_it_is_not_there(failure) && provider::is_terminal(shown.status);
    if (!is_gone || ++denials_[shown.id] < kDenialsMax)
        return postponed(failure, "looking whose requests are in " + shown.id +
                                      ", which batchd sent, and of which this state knows nothing");
    // Files go once the answers are delivered, here or by another batchd on the same account. To wait for one
    // that is gone would stop all that was there at the start for ever.
    ports_.journal.note(EventKind::doubt,
                        shown.id +
                            " has ended and its file is gone: whose requests were in it can't be told "
                            "any more, and what waits here is sent");
    return std::nullopt;
}

asio::awaitable<Progress> LostBundles::take(const BatchObject& shown, std::string mark) {
    const Path sent = ports_.layout.work_root() / ("lost-" + mark + ".jsonl");
    // The listing shows the mark alone, and that says nothing of whose requests they are: until it is known,
    // none of the jobs at hand may be sent, since its requests may be among them.
    auto downloaded = co_await ports_.provider.download(shown.input_file_id, sent);
    if (!downloaded) co_return without_file(shown, downloaded.error());
    BundleFile bundle;
    // What else bundle.json has is not known; known_bundles.cpp fills it in from the members.
    bundle.provider = ports_.name;
    bundle.endpoint = shown.endpoint;
    std::string key;
    auto written = co_await run_blocking(ports_.pool, [&]() -> Result<void> {
        auto contents = read_contents(ports_.layout, sent, mark);
        if (!contents) return contents.error();
        if (!*contents) return {};
        bundle.members = std::move((*contents)->members);
        key = std::move((*contents)->key);
        return write_again(ports_.layout, key, bundle, sent);
    });
    // Whatever came of it: each try downloads it anew, and half a gigabyte is not left behind.
    if (auto removed = remove_file(sent); !removed) co_return postponed(removed.error());
    if (!written) co_return postponed(written.error());
    if (key.empty()) co_return std::nullopt;
    bool is_needed = false;
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        const auto added = add_bundle(ports_.layout, ports_.store, key, ports_.clock.now());
        if (added && *added)
            ports_.journal.note(EventKind::doubt_settled,
                                shown.id + " has requests of " +
                                    count_of(bundle.members.size(), "job", "jobs") +
                                    " and was sent before this copy of the state was put back");
        is_needed = added && *added;
        return added ? Result<void>() : added.error();
    });
    if (recorded && is_needed) co_return std::nullopt;
    // None of its jobs is open here: nobody would ever clean this folder away.
    auto removed =
        co_await run_blocking(ports_.pool, [&] { return remove_work_directory(ports_.layout, key); });
    if (!recorded) co_return postponed(recorded.error());
    co_return removed ? Progress() : postponed(removed.error());
}

}  // namespace batchd::engine
