// What there is of an account's runs on disk when it begins.

#include "base/async/run_blocking.hpp"
#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

asio::awaitable<Result<void>> Runs::load() {
    const auto turn = co_await loading_.enter();
    if (is_loaded_) co_return Result<void>();  // by another one meanwhile
    // Nothing is added to the store before it is loaded.
    auto read = [this]() -> Result<std::vector<RunRecord>> {
        if (auto removed = parts_.store.remove_broken_uploads(); !removed) return removed.error();
        return parts_.store.runs();
    };
    auto found = co_await run_blocking(parts_.pool, read);
    if (!found) {
        trouble_ = to_string(found.error());
        co_return found.error();
    }
    for (RunRecord& record : *found) add(std::move(record));
    is_loaded_ = true;
    trouble_.clear();
    co_return Result<void>();
}

}  // namespace batchd::provider::direct
