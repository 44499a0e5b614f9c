// What there is of an account's runs on disk when it begins.

#include "base/async/run_blocking.hpp"
#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

constexpr Millis kReadAgainPause = std::chrono::seconds(10);

}  // namespace

asio::awaitable<Result<void>> Runs::load() {
    const auto turn = co_await loading_.enter();
    if (is_loaded_) co_return Result<void>();  // by another one meanwhile
    // Nothing is added to the store before it is loaded.
    auto read = [this]() -> Result<FoundRuns> {
        if (auto removed = parts_.store.remove_broken_uploads(); !removed) return removed.error();
        return parts_.store.runs();
    };
    auto found = co_await run_blocking(parts_.pool, read);
    if (!found) {
        trouble_ = to_string(found.error());
        co_return found.error();
    }
    for (RunRecord& record : found->runs) add(std::move(record));
    unreadable_ = std::move(found->unreadable);
    is_loaded_ = true;
    trouble_.clear();
    co_return Result<void>();
}

asio::awaitable<void> Runs::look_for_unreadable() {
    while (!unreadable_.empty()) {
        // A person puts the file back, or the disk reads it after all.
        co_await parts_.clock.sleep_for(kReadAgainPause);
        const std::vector<std::string> keys = unreadable_keys();
        for (const std::string& key : keys) {
            auto read = [this, &key] { return parts_.store.run(key); };
            auto record = co_await run_blocking(parts_.pool, read);
            // One that is not there is missing: what it had answered is in its folder still.
            if (!record || !*record) continue;
            unreadable_.erase(key);
            LocalRun& run = add(std::move(**record));
            if (!run.record.ended_at) at_work_->spawn(perform(run));
            begun_.raise();
        }
    }
}

const Error* Runs::why_unreadable(const std::string& key) const {
    const auto found = unreadable_.find(key);
    return found == unreadable_.end() ? nullptr : &found->second;
}

std::vector<std::string> Runs::unreadable_keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, why] : unreadable_) keys.push_back(key);
    return keys;
}

}  // namespace batchd::provider::direct
