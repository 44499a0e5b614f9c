#include "engine/stage/commit_group.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "base/async/wake.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

/// A change that waits for its commit, in the frame of its caller.
struct CommitGroup::Entry {
    std::function<Result<void>()> change;
    Wake over;
    Result<void> result{};
};

/// Its place among those that wait, for as long as its caller does.
class CommitGroup::Place {
public:
    Place(CommitGroup& group, Entry& entry) : group_(group), entry_(&entry) {
        group_.waiting_.push_back(entry_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { std::erase(group_.waiting_, entry_); }

private:
    CommitGroup& group_;
    Entry* entry_;
};

CommitGroup::CommitGroup(store::Database& database, asio::any_io_executor executor)
    : database_(database), executor_(std::move(executor)) {}

asio::awaitable<Result<void>> CommitGroup::transact(std::function<Result<void>()> change) {
    Entry entry{std::move(change), Wake(executor_)};
    const Place place(*this, entry);
    // Posted behind all that is ready now, such as other files that the pool has finished meanwhile: their
    // changes are asked for before the commit comes.
    if (waiting_.size() == 1) asio::post(executor_, [this] { commit_all(); });
    co_await entry.over.wait();
    co_return std::move(entry.result);
}

Result<void> CommitGroup::attempt_each(const std::vector<Entry*>& entries) {
    for (Entry* const entry : entries) {
        entry->result = database_.attempt(entry->change);
        // Without its transaction the next one would be committed by itself, and then called undone with the
        // rest.
        if (!database_.has_transaction()) return entry->result;
    }
    return {};
}

void CommitGroup::commit_all() {
    const auto entries = std::exchange(waiting_, {});
    if (entries.empty()) return;
    // One that comes alone needs no savepoint: what it did is undone with the transaction.
    const auto committed = entries.size() == 1 ? database_.transact(entries.front()->change)
                                               : database_.transact([&] { return attempt_each(entries); });
    for (Entry* const entry : entries) {
        // A commit that fails takes all of them back, those that had been well as well.
        if (!committed) entry->result = committed;
        entry->over.raise();
    }
}

}  // namespace batchd::engine
