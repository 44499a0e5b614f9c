// The library that speaks to providers, against services that speak like OpenAI: tables of values and no
// code.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "provider/openai/openai.hpp"
#include "sim/server.hpp"
#include "support/rows.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"
#include "system/requests.hpp"

namespace batchd::testing {
namespace {

using config::Kind;
using config::Provider;
using provider::BatchStatus;
using namespace std::chrono_literals;

struct Service {
    std::string name;  ///< of the practice provider's preset
    Provider table;
    std::string endpoint = "/v1/chat/completions";
    std::string window = "24h";
};

Service azure() {
    return {.name = "azure", .table = config::defaults_of(Kind::azure)};
}

Service azure_with_api_version() {
    Provider table = config::defaults_of(Kind::azure);
    table.dialect.query = "api-version=2024-10-21";
    table.dialect.list_field = "value";
    return {.name = "azure-api-version", .table = table};
}

Service groq() {
    Provider table;
    table.dialect.windows = {"24h", "48h", "7d"};
    return {.name = "groq", .table = table, .window = "7d"};
}

Service siliconflow() {
    Provider table;
    table.dialect.status_words = {{"in_queue", "validating"}};
    return {.name = "siliconflow", .table = table, .window = "336h"};
}

Service zhipu() {
    return {.name = "zhipu", .table = {}, .endpoint = "/v4/chat/completions"};
}

Service kluster() {
    Provider table;
    table.dialect.list_files = false;
    table.dialect.wait_for_processed = true;  // it can't be asked, and so it is not waited for
    table.dialect.metadata = false;
    table.dialect.status_words = {{"pre_schedule", "validating"}};
    return {.name = "kluster", .table = table, .window = "72h"};
}

std::string service_name(const ::testing::TestParamInfo<Service>& info) {
    std::string name = info.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

struct LookAlikeCalls : ::testing::TestWithParam<Service> {
    TempDir directory;
    sim::Server server{{.data = directory.path() / "provider", .time = sim::ServerOptions::Time::manual}};
    boost::asio::io_context context{1};
    boost::asio::thread_pool pool{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    provider::ApiKey key{"sk-sim"};
    std::unique_ptr<provider::Provider> provider;

    void SetUp() override {
        server.change_settings(R"({"like":")" + GetParam().name + R"(","in_progress":60})");
        Provider settings = GetParam().table;
        settings.base_url = server.base_url();
        provider = provider::make_openai(settings, key, context.get_executor(), pool, *clock).value();
    }
    provider::FileObject upload() {
        std::string lines;
        for (const std::string id : {"a", "b"})
            lines += R"({"custom_id":")" + id + R"(","method":"POST","url":")" + GetParam().endpoint +
                     R"(","body":{"model":"m","messages":[{"role":"user","content":"Hello"}]}})" + "\n";
        const Path file = testing::write_rows(directory.path() / "part", lines);
        return run(context, provider->upload({}, file, "batchd-k.jsonl")).value();
    }
    provider::Answer<provider::BatchObject> create(const std::string& file_id) {
        provider::NewBatch batch{
            file_id, GetParam().endpoint, GetParam().window, {{"batchd_key", "k"}, {"batchd_job", "j"}}};
        return run(context, provider->create({}, std::move(batch)));
    }
};

TEST_P(LookAlikeCalls, ABatchIsMadeWatchedAndFetched) {
    ASSERT_TRUE(run(context, provider->knock()));
    const std::string file = upload().id;
    auto batch = create(file);
    if (!batch) {
        EXPECT_EQ(batch.error().code, "file_not_ready") << to_string(batch.error());
        server.advance_clock(5s);
        batch = create(file);
    }
    ASSERT_TRUE(batch) << to_string(batch.error());
    EXPECT_EQ(batch->input_file_id, file);
    const auto listed = run(context, provider->list_batches(""));
    ASSERT_TRUE(listed) << to_string(listed.error());
    EXPECT_EQ(listed->items.at(0).id, batch->id);
    EXPECT_EQ(listed->items.at(0).input_file_id, file);
    server.advance_clock(60s);
    const auto ended = run(context, provider->retrieve(batch->id));
    ASSERT_TRUE(ended) << to_string(ended.error());
    ASSERT_EQ(ended->status, BatchStatus::completed) << ended->status_word;
    const Path output = directory.path() / "output";
    EXPECT_GT(run(context, provider->download(ended->output_file_id, output)).value(), 0U);
    EXPECT_TRUE(run(context, provider->delete_file(file)).value());
}

TEST_P(LookAlikeCalls, ACancelIsTaken) {
    const std::string file = upload().id;
    server.advance_clock(5s);
    const auto batch = create(file);
    ASSERT_TRUE(batch) << to_string(batch.error());
    const auto cancelled = run(context, provider->cancel(batch->id));
    ASSERT_TRUE(cancelled) << to_string(cancelled.error());
    server.advance_clock(1h);
    EXPECT_EQ(run(context, provider->retrieve(batch->id))->status, BatchStatus::cancelled);
}

INSTANTIATE_TEST_SUITE_P(Services, LookAlikeCalls,
                         ::testing::Values(azure(), azure_with_api_version(), groq(), siliconflow(), zhipu(),
                                           kluster()),
                         service_name);

}  // namespace
}  // namespace batchd::testing
