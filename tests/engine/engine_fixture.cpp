#include "engine_fixture.hpp"

#include <fcntl.h>

#include <boost/asio/post.hpp>

#include "base/disk/sha256.hpp"
#include "base/uuid.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

void EngineFixture::pass_through_pool(int times, std::function<void()> then) {
    if (times == 0) return asio::post(context, std::move(then));
    asio::post(pool, [this, times, then = std::move(then)]() mutable {
        pass_through_pool(times - 1, std::move(then));
    });
}

EngineFixture::EngineFixture() {
    settings.spool.inbox = dir.path() / "inbox";
    settings.spool.outbox = dir.path() / "outbox";
    settings.spool.rejected = dir.path() / "rejected";
    settings.state.directory = layout.state_directory;
    for (const Path& folder : {inbox(), outbox(), rejected(), layout.work_root()})
        make_directory(folder).value();
    store = store::open_store(layout.database(), store::OpenMode::read_write).value();
    store->database.execute("PRAGMA synchronous = OFF").value();  // nobody cuts the power here
    journal = std::make_unique<Journal>(*store, log, clock, wakes.observer);
    tasks = std::make_unique<TaskGroup>(context.get_executor());
}

EngineFixture::~EngineFixture() {
    crash();
    pool.join();
}

void EngineFixture::settle() {
    constexpr std::size_t kStepsMax = 200'000;
    constexpr std::size_t kShortSleepsMax = 1'000;
    std::size_t short_sleeps = 0;
    std::size_t steps = 0;
    for (;;) {
        std::size_t ran = 0;
        context.restart();
        while (context.poll_one() > 0)
            if (++ran + steps > kStepsMax) FAIL() << "something runs in circles without waiting";
        for (; clock.next_due() && *clock.next_due() <= clock.now(); ++ran) {
            if (++short_sleeps > kShortSleepsMax) FAIL() << "something sleeps for no time, again and again";
            clock.advance_to_next();
        }
        // What the one thread of the pool has to do comes before this marker, and its answers likewise; a
        // job that is handed over in several steps is overtaken by none of the marker's.
        bool pool_is_idle = false;
        pass_through_pool(4, [&] { pool_is_idle = true; });
        while (!pool_is_idle) {
            context.restart();
            ran += context.run_one();
        }
        steps += ran;
        if (ran == 1) return;  // the marker only
        ASSERT_LT(steps, kStepsMax) << "something runs in circles without waiting";
    }
}

void EngineFixture::advance(Millis by) {
    const TimePoint end = clock.now() + by;
    settle();
    while (!HasFatalFailure() && clock.next_due() && *clock.next_due() <= end) {
        clock.advance_to_next();
        settle();
    }
    if (HasFatalFailure()) return;
    clock.advance(end - clock.now());
    settle();
}

bool EngineFixture::eventually(const std::function<bool()>& condition, Millis limit) {
    const TimePoint end = clock.now() + limit;
    settle();
    while (!condition()) {
        if (HasFatalFailure() || clock.now() > end || !clock.advance_to_next()) return condition();
        settle();
    }
    return true;
}

void EngineFixture::crash() {
    tasks->cancel();
    for (int round = 0; tasks->size() > 0 && round < 1000; ++round) settle();
    ASSERT_EQ(tasks->size(), 0U) << "a task does not end when it is cancelled";
    tasks = std::make_unique<TaskGroup>(context.get_executor());
}

store::Job EngineFixture::add_claimed(const std::string& name, const std::string& content) {
    store::Job job;
    job.key = random_key();
    job.name = name;
    job.size_bytes = content.size();
    job.created_at = clock.now();
    job.id = store->jobs.add(job).value();
    make_directory(layout.work_directory(job.key)).value();
    replace_file(layout.input(job.key), content).value();
    return job;
}

store::Batch EngineFixture::add_planned(const std::string& name, const std::vector<std::string>& ids) {
    std::string content;
    for (const std::string& id : ids) content += request_line(id) + "\n";
    const store::Job claimed = add_claimed(name, content);
    store->jobs.change_state(claimed.id, store::JobState::planned).value();
    lines_added_ = 0;
    return add_shard(claimed.id, 1, ids);
}

store::Batch EngineFixture::add_shard(store::JobId id, std::uint64_t shard,
                                      const std::vector<std::string>& ids) {
    const store::Job of = job(id);
    const Path path = layout.shard_file(of.key, {shard, 1}, spool::ShardFile::prepared);
    auto writer = jsonl::RowFileWriter::create(path).value();
    for (const std::string& custom_id : ids)
        writer.append(++lines_added_, digest128(custom_id), request_line(custom_id)).value();
    store::Batch batch;
    batch.job_id = id;
    batch.shard = shard;
    batch.key = random_key();
    batch.endpoint = "/v1/chat/completions";
    batch.model = "m";
    batch.requests = ids.size();
    batch.size_bytes = writer.size_bytes();
    batch.estimated_tokens = 40;
    batch.created_at = clock.now();
    writer.commit().value();
    store->batches.add(batch).value();
    const auto input = open_file(layout.input(of.key), O_RDONLY).value();
    const std::string digest = sha256_of(input.get()).value();
    store->jobs.record_plan(id, of.requests + ids.size(), 0, of.size_bytes, digest).value();
    return store->batches.find_by_key(batch.key).value().value();
}

void EngineFixture::put_in_flight(const store::Batch& batch) {
    const store::Job of = job(batch.job_id);
    if (of.state == store::JobState::planned)
        store->jobs.change_state(of.id, store::JobState::running).value();
    const Path path = layout.shard_file(of.key, {batch.shard, batch.attempt}, spool::ShardFile::prepared);
    store->batches.begin(batch.id, store::BatchPhase::uploading, clock.now()).value();
    const std::string file_id = provider.add_file("batchd-" + batch.key + ".jsonl", testing::texts_of(path));
    store->batches.record_upload(batch.id, file_id).value();
    store->batches.begin(batch.id, store::BatchPhase::creating, clock.now()).value();
    const auto& object = provider.add_batch(batch.key, file_id);
    store->batches.record_submission(batch.id, object.id, object.status_word, object.expires_at, clock.now())
        .value();
}

namespace {

std::vector<std::string> column(store::Store& store, const char* sql) {
    std::vector<std::string> values;
    auto statement = store.database.statement(sql).value();
    while (statement->step().value()) values.push_back(statement->text());
    statement->reset();
    return values;
}

}  // namespace

std::vector<std::string> EngineFixture::events() {
    return column(*store, "SELECT kind FROM events ORDER BY id");
}

std::size_t EngineFixture::count_events(EventKind kind) {
    const auto all = events();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), info(kind).name));
}

std::string EngineFixture::detail_of_last(EventKind kind) {
    const auto kinds = events();
    const auto details = column(*store, "SELECT detail FROM events ORDER BY id");
    for (std::size_t i = kinds.size(); i > 0; --i)
        if (kinds[i - 1] == info(kind).name) return details[i - 1];
    return "";
}

std::string request_line(const std::string& custom_id, const std::string& model) {
    return R"({"custom_id":")" + custom_id +
           R"(","method":"POST","url":"/v1/chat/completions","body":{"model":")" + model +
           R"(","messages":[]}})";
}

}  // namespace batchd::engine
