#include "provider/direct/direct.hpp"

#include <algorithm>
#include <utility>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "provider/direct/journal/settled_lines.hpp"
#include "provider/direct/local/run_object.hpp"
#include "provider/direct/local/runs.hpp"
#include "provider/gate.hpp"
#include "provider/openai/failure.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;
using direct::copy_settled_lines;
using direct::kFileId;
using direct::kResultsId;
using direct::kRunId;
using direct::LocalRun;
using direct::PaceLimits;
using direct::RunRecord;
using direct::Runs;
using direct::RunStore;
using direct::unreadable_object;

// As many as the port promises for a page.
constexpr std::size_t kPageItems = 100;
constexpr Millis kConnectMax = std::chrono::seconds(60);
/// As much as may be configured for one request, and at once, and one for a knock.
constexpr Millis kSilenceMax = std::chrono::hours(1);
constexpr unsigned kConnectionsMax = 1024 + 1;
/// An answer is held in memory until it is known to be one, and there may be as many as are in flight.
constexpr std::uint64_t kAnswerMax = 64 * 1024 * 1024;
constexpr Millis kBackoffMax = std::chrono::minutes(1);

Failure said(FailureKind kind, std::string message) {
    Failure failure;
    failure.kind = kind;
    failure.message = std::move(message);
    // There is nothing in between that could have said it instead.
    failure.in_own_words = true;
    return failure;
}

Failure local(const Error& error) {
    return said(FailureKind::local, to_string(error));
}

Failure unknown(const std::string& id) {
    return said(FailureKind::not_found, "there is no " + id + " on this disk");
}

/// What follows `after` ("": from the first) of `all`.
template <class T>
Page<T> page_of(std::vector<T> all, const std::string& after) {
    auto begin = std::find_if(all.begin(), all.end(), [&](const T& item) { return item.id == after; });
    // An id that has gone meanwhile begins the list anew: to see some twice does no harm, and to miss some
    // would prove an absence that is none.
    begin = begin == all.end() ? all.begin() : begin + 1;
    const auto left = static_cast<std::size_t>(all.end() - begin);
    Page<T> page;
    page.has_more = left > kPageItems;
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(left, kPageItems));
    page.items.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
    return page;
}

PaceLimits pace_limits(const config::Provider& settings) {
    return {settings.max_in_flight, settings.requests_per_minute, settings.tokens_per_minute};
}

struct Setup {
    std::string name;
    Runs::Options runs;
    Path folder;
};

class Direct final : public Provider {
public:
    Direct(Setup setup, Wire wire, std::unique_ptr<http::Client> client, const ApiKey& key,
           asio::any_io_executor executor, asio::thread_pool& pool, Clock& clock)
        : name_(std::move(setup.name)),
          wire_(std::move(wire)),
          client_(std::move(client)),
          key_(key),
          pool_(pool),
          clock_(clock),
          store_(std::move(setup.folder)),
          runs_(std::move(setup.runs),
                {store_, *client_, wire_, key_, std::move(executor), pool_, clock_, random_jitter}) {}

    /// What was begun is on this disk, and goes on wherever the server is now.
    Identity identity() const override { return {"direct:" + name_, ""}; }
    bool rows_are_final() const override { return true; }
    bool is_on_our_disk() const override { return true; }
    bool has_window() const override { return false; }
    std::string activity() const override { return runs_.activity(); }
    std::string stall() const override { return runs_.stall(); }
    CallTally* tally() override { return &runs_.tally(); }
    std::optional<Closure> closure() const override { return runs_.closure(); }
    void key_changed() override { runs_.key_changed(); }
    void adjust(const config::Provider& settings) override {
        runs_.set_limits(pace_limits(settings), settings.timeout);
    }
    asio::awaitable<void> drain() override { return runs_.drain(); }
    std::uint64_t unsaved() const override { return runs_.unsaved(); }
    asio::awaitable<void> run(std::function<void()> changed) override {
        return runs_.run(std::move(changed));
    }

    /// Any server answers to this, whatever it has; and one that refuses the key says so.
    asio::awaitable<Answer<void>> knock() override {
        std::optional<http::Outcome<http::Response>> came;
        const bool in_time = co_await run_within(clock_, kConnectMax, ask_for_models(came));
        if (!in_time)
            co_return said(FailureKind::unreachable, "no answer within " + format_duration(kConnectMax));
        const auto& response = *came;
        if (!response) co_return safe(classify(response.error(), Effect::none), key_.value());
        if (response->status / 100 == 2) co_return Answer<void>();
        Failure failure = safe(classify(*response, Effect::none, clock_.now()), key_.value());
        // Anything else is an answer, and somebody who answers can be asked for more.
        if (failure.kind == FailureKind::unauthorized || failure.kind == FailureKind::rate_limited)
            co_return failure;
        co_return Answer<void>();
    }

    asio::awaitable<Turn> enter(CallKind) override { co_return Turn(); }

    asio::awaitable<Answer<FileObject>> upload(Turn, Path path, std::string filename) override {
        const auto key = RunStore::key_of_filename(filename);
        if (!key) co_return said(FailureKind::refused, filename + " is no name of a file of ours");
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        auto add = [&] { return store_.add(path, *key); };
        // The same file under its key, as often as it is uploaded: so an upload whose answer was lost
        // leaves no second one.
        auto added = co_await run_blocking(pool_, add);
        if (!added) co_return local(added.error());
        co_return std::move(*added);
    }

    asio::awaitable<Answer<FileObject>> retrieve_file(std::string file_id) override {
        auto find = [&] { return store_.find(file_id); };
        auto file = co_await run_blocking(pool_, find);
        if (!file) co_return local(file.error());
        if (!*file) co_return unknown(file_id);
        co_return std::move(**file);
    }

    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string after) override {
        auto list = [&] { return store_.uploads(); };
        auto files = co_await run_blocking(pool_, list);
        if (!files) co_return local(files.error());
        co_return page_of(std::move(*files), after);
    }

    asio::awaitable<Answer<std::uint64_t>> download(std::string file_id, Path path) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        const auto key = RunStore::key_of_id(kResultsId, file_id);
        const LocalRun* const run = key ? runs_.find(*key) : nullptr;
        if (const Error* const why = why_unreadable(key)) co_return local(*why);
        const bool goes_on = run != nullptr && !run->record.ended_at;
        auto copy = [&] {
            return goes_on ? copy_settled_lines(store_.journal(*key), path) : store_.copy_out(file_id, path);
        };
        const auto size = co_await run_blocking(pool_, copy);
        if (size) co_return *size;
        co_return size.error().code == Errc::not_found ? unknown(file_id) : local(size.error());
    }

    asio::awaitable<Answer<bool>> delete_file(std::string file_id) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        const auto key = RunStore::key_of_id(file_id.starts_with(kFileId) ? kFileId : kResultsId, file_id);
        const LocalRun* const run = key ? runs_.find(*key) : nullptr;
        if (const Error* const why = why_unreadable(key)) co_return local(*why);
        // The requests are read to the end of the run, in each of its lives.
        if (run != nullptr && !run->record.ended_at)
            co_return said(FailureKind::conflict, file_id + " is in use");
        auto remove = [&] { return store_.remove(file_id); };
        const auto removed = co_await run_blocking(pool_, remove);
        if (!removed) co_return local(removed.error());
        if (!key) co_return unknown(file_id);
        auto find = [&] { return store_.has(*key); };
        const auto is_left = co_await run_blocking(pool_, find);
        if (is_left && !*is_left) runs_.forget(*key);
        if (!*removed) co_return unknown(file_id);
        co_return true;
    }

    asio::awaitable<Answer<BatchObject>> create(Turn, NewBatch batch) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        const auto key = RunStore::key_of_id(kFileId, batch.input_file_id);
        if (!key) co_return unknown(batch.input_file_id);
        // One run a file: whoever asks twice, after a crash, means the one that there is.
        if (const LocalRun* const there = runs_.find(*key)) co_return object_of(*there);
        if (const Error* const why = why_unreadable(key)) co_return local(*why);
        auto count = [&] { return store_.count_requests(*key); };
        const auto total = co_await run_blocking(pool_, count);
        if (!total) co_return local(total.error());
        RunRecord record;
        record.key = *key;
        record.endpoint = std::move(batch.endpoint);
        record.metadata = std::move(batch.metadata);
        record.created_at = clock_.now();
        record.row_attempts = batch.row_attempts;
        record.priority = batch.priority;
        record.total = *total;
        const auto begun = co_await runs_.begin(std::move(record));
        if (!begun) co_return local(begun.error());
        co_return object_of(*runs_.find(*key));
    }

    asio::awaitable<Answer<BatchObject>> retrieve(std::string batch_id) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        const LocalRun* const run = find(batch_id);
        if (run == nullptr) co_return missing(batch_id);
        co_return object_of(*run);
    }

    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string after) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        std::vector<BatchObject> all;
        // First what nobody can read: a list without it would prove that it was never begun.
        for (const std::string& key : runs_.unreadable_keys())
            all.push_back(unreadable_object(key, clock_.now()));
        for (const LocalRun* const run : runs_.newest_first()) all.push_back(object_of(*run));
        co_return page_of(std::move(all), after);
    }

    asio::awaitable<Answer<BatchObject>> cancel(std::string batch_id) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        LocalRun* const run = find(batch_id);
        if (run == nullptr) co_return missing(batch_id);
        if (run->record.ended_at) co_return said(FailureKind::conflict, batch_id + " has ended already");
        const auto cancelled = co_await runs_.cancel(*run);
        if (!cancelled) co_return local(cancelled.error());
        co_return object_of(*run);
    }

    asio::awaitable<Answer<BatchObject>> end_now(std::string batch_id) override {
        const auto loaded = co_await runs_.load();
        if (!loaded) co_return local(loaded.error());
        LocalRun* const run = find(batch_id);
        if (run == nullptr) co_return missing(batch_id);
        const auto ended = co_await runs_.end_now(*run);
        if (!ended) co_return local(ended.error());
        co_return object_of(*run);
    }

private:
    asio::awaitable<void> ask_for_models(std::optional<http::Outcome<http::Response>>& came) {
        http::Request get = wire_.request(http::Method::get, "/models", key_.value());
        came = co_await client_->request(std::move(get));
    }

    const Error* why_unreadable(const std::optional<std::string>& key) const {
        return key ? runs_.why_unreadable(*key) : nullptr;
    }
    Failure missing(const std::string& batch_id) const {
        const Error* const why = why_unreadable(RunStore::key_of_id(kRunId, batch_id));
        return why == nullptr ? unknown(batch_id) : local(*why);
    }

    LocalRun* find(const std::string& batch_id) {
        const auto key = RunStore::key_of_id(kRunId, batch_id);
        return key ? runs_.find(*key) : nullptr;
    }

    std::string name_;
    Wire wire_;
    std::unique_ptr<http::Client> client_;
    const ApiKey& key_;
    asio::thread_pool& pool_;
    Clock& clock_;
    RunStore store_;
    Runs runs_;
};

http::Client::Options client_options(const config::Provider& settings, const Wire& wire) {
    http::Client::Options options;
    options.origin = wire.origin();
    options.allow_plain_http = settings.allow_plain_http;
    options.ca_file = settings.ca_file;
    // To connect takes a moment or fails; only an answer may take as long as is configured.
    options.timeout = std::min(settings.timeout, kConnectMax);
    // Each request has a time limit of its own, and how many there are is up to the pace: a reload changes
    // both, and must not break off what is under way.
    options.silence = kSilenceMax;
    options.connections_max = kConnectionsMax;
    options.streamed_bytes_max = kAnswerMax;
    options.user_agent = "batchd/" BATCHD_VERSION;
    return options;
}

Setup setup_of(const std::string& name, const config::Provider& settings, const config::Retry& backoff,
               const Path& folder, std::string base_path) {
    Setup setup;
    setup.name = name;
    setup.folder = folder;
    setup.runs.limits = pace_limits(settings);
    setup.runs.timeout = settings.timeout;
    setup.runs.retry.min_backoff = backoff.min_backoff;
    setup.runs.retry.max_backoff = std::min(backoff.max_backoff, kBackoffMax);
    // As long as the gate leaves a provider alone that batches go to.
    setup.runs.standing.bar_pause = backoff.max_backoff;
    setup.runs.standing.patience = setup.runs.retry.max_backoff;
    setup.runs.base_path = std::move(base_path);
    setup.runs.query = settings.dialect.query;
    return setup;
}

}  // namespace

Result<std::unique_ptr<Provider>> make_direct(const std::string& name, const config::Provider& settings,
                                              const config::Retry& backoff, const Path& folder,
                                              const ApiKey& key, asio::any_io_executor executor,
                                              asio::thread_pool& pool, Clock& clock) {
    auto wire = Wire::make(settings);
    if (!wire) return wire.error();
    auto client = http::Client::create(client_options(settings, *wire), executor, pool, clock);
    if (!client) return client.error();
    // Before the wire is moved from.
    Setup setup = setup_of(name, settings, backoff, folder, wire->base_path());
    return std::unique_ptr<Provider>(std::make_unique<Direct>(
        std::move(setup), std::move(*wire), std::move(*client), key, std::move(executor), pool, clock));
}

}  // namespace batchd::provider
