#include "web/metrics/metrics.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"
#include "support/temp_dir.hpp"
#include "web/metrics/process_metrics.hpp"

namespace batchd::web {
namespace {

using server::has;

report::Status running() {
    report::Status status;
    status.pid = 1;
    return status;
}

TEST(MetricsTest, CountsByModelAndQueue) {
    store::Counts counts;
    counts.models.push_back({.model = "gpt-4o-mini",
                             .queue = "default",
                             .succeeded = 7,
                             .failed = 1,
                             .input_tokens = 100,
                             .output_tokens = 20});
    const std::string text = metrics_text(running(), counts, {}, "1.2.3");
    const std::string labels = "model=\"gpt-4o-mini\",queue=\"default\"";
    EXPECT_TRUE(has(text, "batchd_requests_total{" + labels + ",result=\"succeeded\"} 7")) << text;
    EXPECT_TRUE(has(text, "batchd_requests_total{" + labels + ",result=\"failed\"} 1"));
    EXPECT_TRUE(has(text, "batchd_tokens_total{direction=\"input\"," + labels + "} 100"));
}

TEST(MetricsTest, TellsHowLongJobsTookAndOfTroubles) {
    store::Counts counts;
    counts.durations["nightly"] = {.jobs = {1, 0, 0, 0, 2, 0, 0, 0, 0, 1}, .seconds = 300'000};
    counts.events = {{"doubt", 3}};
    counts.started_at = TimePoint(std::chrono::seconds(1'795'810'431));
    const std::string text = metrics_text(running(), counts, {}, "1.2.3");
    const auto bucket = [](const char* bound) {
        return std::string("batchd_job_duration_seconds_bucket{queue=\"nightly\",le=\"") + bound + "\"} ";
    };
    EXPECT_TRUE(has(text, bucket("60") + "1")) << text;
    EXPECT_TRUE(has(text, bucket("10800") + "3"));
    EXPECT_TRUE(has(text, bucket("+Inf") + "4"));
    EXPECT_TRUE(has(text, "batchd_job_duration_seconds_sum{queue=\"nightly\"} 300000"));
    EXPECT_TRUE(has(text, "batchd_doubts_total 3"));
    EXPECT_TRUE(has(text, "batchd_twins_cancelled_total 0"));
    EXPECT_TRUE(has(text, "batchd_start_time_seconds 1795810431"));
    EXPECT_FALSE(has(metrics_text({}, counts, {}, "1"), "batchd_start_time_seconds"));
}

TEST(MetricsTest, TellsHowLongCallsTookAndWhatTheyFetched) {
    store::Counts counts;
    counts.calls = {{"azure", "download", "2xx", 100, 2, 130, 4000},
                    {"azure", "download", "2xx", 2500, 1, 2000, 500},
                    {"azure", "download", "5xx", 0, 1, 1'000'000, 0},
                    {"default", "create", "none", 50, 3, 30, 0}};
    const std::string text = metrics_text(running(), counts, {}, "1");
    const auto line = [](const char* what, const char* labels) {
        return std::string("batchd_provider_request_duration_seconds_") + what + "{" + labels;
    };
    const char* const good = "code=\"2xx\",operation=\"download\",provider=\"azure\"";
    EXPECT_TRUE(has(text, line("bucket", good) + ",le=\"0.05\"} 0\n")) << text;
    EXPECT_TRUE(has(text, line("bucket", good) + ",le=\"0.1\"} 2\n"));
    EXPECT_TRUE(has(text, line("bucket", good) + ",le=\"2.5\"} 3\n"));
    EXPECT_TRUE(has(text, line("sum", good) + "} 2.13\n"));
    const char* const bad = "code=\"5xx\",operation=\"download\",provider=\"azure\"";
    EXPECT_TRUE(has(text, line("bucket", bad) + ",le=\"900\"} 0\n"));
    EXPECT_TRUE(has(text, line("bucket", bad) + ",le=\"+Inf\"} 1\n"));
    EXPECT_TRUE(
        has(text, line("count", "code=\"none\",operation=\"create\",provider=\"default\"") + "} 3\n"));
    EXPECT_TRUE(has(text, "batchd_download_bytes_total 4500\n"));
}

TEST(MetricsTest, HasAFewModelsAndOneLabelForTheRest) {
    store::Counts counts;
    for (int i = 0; i < 80; ++i)
        counts.models.push_back({.model = "model-" + std::to_string(i), .queue = "default", .succeeded = 1});
    const std::string text = metrics_text(running(), counts, {}, "1.2.3");
    EXPECT_TRUE(has(text, "model=\"model-49\""));
    EXPECT_FALSE(has(text, "model=\"model-50\""));
    EXPECT_TRUE(
        has(text, "batchd_requests_total{model=\"other\",queue=\"default\",result=\"succeeded\"} 30"));
}

TEST(MetricsTest, SaysWhichProviderIsClosed) {
    report::Status status = running();
    status.providers = {{.name = "default"}, {.name = "azure"}};
    status.conditions.push_back({.kind = "provider_closed", .about = "azure", .text = "the key is refused"});
    const std::string text = metrics_text(status, {}, {}, "1.2.3");
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"azure\"} 0"));
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"default\"} 1"));
}

TEST(MetricsTest, OfTwoProvidersAtOneAddressOnlyTheClosedOneIs) {
    report::Status status = running();
    const std::string address = "https://gateway.example/v1";
    status.providers = {{.name = "default", .base_url = address}, {.name = "cheap", .base_url = address}};
    status.conditions = {{.kind = "no_key", .about = address, .text = "there is no key"}};
    std::string text = metrics_text(status, {}, {}, "1.2.3");
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"default\"} 0")) << text;
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"cheap\"} 1")) << text;
    status.conditions.front().about = "cheap";
    text = metrics_text(status, {}, {}, "1.2.3");
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"default\"} 1")) << text;
    EXPECT_TRUE(has(text, "batchd_provider_open{provider=\"cheap\"} 0")) << text;
}

TEST(MetricsTest, TellsOfMoneyWhereAPriceIsKnown) {
    store::Counts counts;
    counts.models.push_back({.model = "a",
                             .queue = "q",
                             .cached_tokens = 3,
                             .cost = 1'500'000'000,
                             .cost_sync = 3'000'000'000,
                             .saved = 1'750'000'000});
    counts.models.push_back({.model = "b", .queue = "q", .unpriced = 4});
    const std::string text = metrics_text(running(), counts, {.free_bytes = {{"inbox", 1024}}}, "1");
    EXPECT_TRUE(has(text, "batchd_cost_dollars_total{model=\"a\",queue=\"q\"} 1.5")) << text;
    EXPECT_TRUE(has(text, "batchd_saved_dollars_total{model=\"a\",queue=\"q\"} 1.75"));
    EXPECT_FALSE(has(text, "batchd_cost_dollars_total{model=\"b\""));
    EXPECT_TRUE(has(text, "batchd_unpriced_answers_total{model=\"b\",queue=\"q\"} 4"));
    EXPECT_TRUE(has(text, "batchd_tokens_total{direction=\"cached\",model=\"a\",queue=\"q\"} 3"));
    EXPECT_TRUE(has(text, "batchd_disk_free_bytes{folder=\"inbox\"} 1024"));
}

TEST(MetricsTest, HasASeriesForEachPhaseAndKindThatIsNot) {
    const std::string text = metrics_text(running(), {}, {}, "1");
    for (const char* phase :
         {"planned", "uploading", "uploaded", "creating", "watching", "ended", "collected"})
        EXPECT_TRUE(has(text, "batchd_batches{status=\"" + std::string(phase) + "\"} 0\n")) << text;
    EXPECT_TRUE(has(text, "batchd_conditions{kind=\"held\"} 0\n"));
    EXPECT_TRUE(has(text, "batchd_upload_bytes_total 0\n"));
}

TEST(MetricsTest, CountsWhatWentOutAgainHooksAndWhatLiesInTheInbox) {
    store::Counts counts;
    counts.models.push_back({.model = "m", .queue = "q", .retried = 4});
    counts.hooks["next"] = {.succeeded = 5, .failed = 2};
    counts.uploaded_bytes = 1234;
    const std::string text = metrics_text(running(), counts, {.waiting = {{"default", 3}}}, "1");
    EXPECT_TRUE(has(text, "batchd_requests_total{model=\"m\",queue=\"q\",result=\"retried\"} 4\n")) << text;
    EXPECT_TRUE(has(text, "batchd_hook_runs_total{hook=\"next\",result=\"succeeded\"} 5\n"));
    EXPECT_TRUE(has(text, "batchd_hook_runs_total{hook=\"next\",result=\"failed\"} 2\n"));
    EXPECT_TRUE(has(text, "batchd_upload_bytes_total 1234\n"));
    EXPECT_TRUE(has(text, "batchd_inbox_files{queue=\"default\"} 3\n"));
}

TEST(MetricsTest, CountsFilesByTheNamesThatAreTaken) {
    testing::TempDir dir;
    std::filesystem::create_directory(dir.path() / "nightly");
    config::Settings settings;
    settings.spool.inbox = dir.path();
    settings.queues["nightly"] = {};
    settings.queues["missing"] = {};
    for (const char* name : {"a.jsonl", "b.jsonl", ".hidden.jsonl", "c.txt", "nightly/d.jsonl"})
        dir.write(name, "");
    EXPECT_EQ(read_folders(settings).waiting,
              (std::map<std::string, std::uint64_t>{{"default", 2}, {"nightly", 1}}));
}

TEST(MetricsTest, TellsOfThePageAsAProcess) {
    const std::string text = process_metrics_text();
    for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                             "process_virtual_memory_bytes", "process_open_fds", "process_max_fds"})
        EXPECT_TRUE(has(text, std::string("\n") + name + " ")) << text;
}

TEST(MetricsTest, EscapesWhatStandsInLabels) {
    store::Counts counts;
    counts.models.push_back({.model = "a\"b\\c\nd", .queue = "default"});
    EXPECT_TRUE(has(metrics_text(running(), counts, {}, "1"), "model=\"a\\\"b\\\\c\\nd\""));
}

}  // namespace
}  // namespace batchd::web
