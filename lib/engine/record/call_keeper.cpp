#include "engine/record/call_keeper.hpp"

#include <algorithm>
#include <utility>

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// Neither of the two knows of the other.
static_assert(std::ranges::equal(provider::kCallBounds, store::kCallBoundsMs, {},
                                 [](Millis bound) { return static_cast<std::uint64_t>(bound.count()); }));

constexpr Millis kGather = std::chrono::seconds(5);

std::vector<store::ProviderCalls> rows_of(const provider::CallTally::Sums& sums, const std::string& account) {
    std::vector<store::ProviderCalls> rows;
    for (const auto& [kind, sum] : sums) {
        std::uint64_t bytes = sum.bytes;
        for (std::size_t i = 0; i < sum.calls.size(); ++i) {
            if (sum.calls[i] == 0) continue;
            const Millis bound = i < provider::kCallBounds.size() ? provider::kCallBounds[i] : Millis(0);
            rows.push_back({.provider = account,
                            .operation = std::string(to_string(kind.operation)),
                            .code = std::string(to_string(kind.code)),
                            .up_to_ms = static_cast<std::uint64_t>(bound.count()),
                            .calls = sum.calls[i],
                            .took_ms = static_cast<std::uint64_t>(sum.took[i].count()),
                            // They are not kept by how long the calls took; in the first row alone, a sum
                            // over the rows comes out right.
                            .bytes = std::exchange(bytes, 0)});
        }
    }
    return rows;
}

/// Records what there is, at the latest when it goes.
class Recorder {
public:
    Recorder(provider::CallTally& tally, const std::string& account, store::Store& store)
        : tally_(tally), account_(account), store_(store) {}
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder() { record(); }

    void record() {
        const auto rows = rows_of(tally_.take(), account_);
        if (!rows.empty()) static_cast<void>(store_.provider_calls.add(rows));
    }

private:
    provider::CallTally& tally_;
    const std::string& account_;
    store::Store& store_;
};

}  // namespace

asio::awaitable<void> keep_calls(provider::CallTally& tally, std::string account, store::Store& store,
                                 Clock& clock) {
    Recorder recorder(tally, account, store);
    for (;;) {
        co_await tally.counted().wait();
        co_await clock.sleep_for(kGather);
        recorder.record();
    }
}

}  // namespace batchd::engine
