#include "system/workbench.hpp"

#include <csignal>
#include <fstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "sim/backend.hpp"
#include "system/invariants.hpp"
#include "system/requests.hpp"

namespace batchd::testing {

namespace json = boost::json;

namespace {

std::string quoted(const Path& path) {
    return "\"" + path.string() + "\"";
}

std::string content_of(const Path& path) {
    return std::filesystem::exists(path) ? slurp(path) : std::string();
}

}  // namespace

Workbench::Workbench(Transport transport)
    : outbox_(directory_.path() / "spool/outbox"), transport_(transport) {
    std::filesystem::create_directories(inbox());
    directory_.write("key", std::string(kApiKey) + "\n");
    configuration_ = {{"spool.inbox", quoted(inbox())},
                      {"spool.outbox", quoted(outbox())},
                      {"spool.rejected", quoted(rejected())},
                      {"spool.scan_interval", "\"1s\""},
                      {"spool.settle_time", "\"50ms\""},
                      {"spool.empty_wait", "\"100ms\""},
                      {"state.directory", quoted(state())},
                      {"provider.api_key_file", quoted(key_file())},
                      {"provider.timeout", "\"20s\""},
                      {"provider.list_lag", "\"300ms\""},
                      {"control.socket", quoted(control_socket())},
                      {"poll.interval", "\"100ms\""},
                      {"retry.min_backoff", "\"50ms\""},
                      {"retry.max_backoff", "\"500ms\""}};
    start_provider();
}

Workbench::~Workbench() {
    daemon_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(outbox_, ignored);
}

void Workbench::start_provider(sim::CertificateKind certificate) {
    server_.reset();
    sim::ServerOptions options;
    options.data = root() / ("provider-" + std::to_string(++providers_));
    options.port = port_;
    options.key = kApiKey;
    options.settings = settings_;
    if (transport_ == Transport::tls) {
        const Path directory = root() / ("certificates-" + std::to_string(providers_));
        const auto files = sim::make_certificates(directory, certificate).value();
        options.tls_cert = files.cert;
        options.tls_key = files.key;
        // One name for whoever starts next: the daemon reads it at its start.
        std::filesystem::copy_file(files.ca, root() / "ca.pem",
                                   std::filesystem::copy_options::overwrite_existing);
        set("provider.ca_file", quoted(root() / "ca.pem"));
    } else {
        unset("provider.ca_file");
    }
    server_ = std::make_unique<sim::Server>(std::move(options));
    port_ = server_->port();
    set("provider.base_url", "\"" + server_->base_url() + "\"");
}

void Workbench::imitate(std::string_view settings) {
    server_->change_settings(settings);
    set("provider.base_url", "\"" + server_->base_url() + "\"");
}

void Workbench::use_transport(Transport transport) {
    transport_ = transport;
    start_provider();
}

json::object Workbench::report() {
    return json::parse(server_->report()).as_object();
}

std::uint64_t Workbench::requests_to(const std::string& route) {
    const json::object report = this->report();
    const json::value* const count = report.at("requests").as_object().if_contains(route);
    return count == nullptr ? 0 : count->to_number<std::uint64_t>();
}

bool Workbench::wait_for_requests_to(const std::string& route, std::uint64_t count) {
    return wait_until([&] { return requests_to(route) >= count; });
}

void Workbench::cancel_at_provider(const std::string& batch_id) {
    server_->with([&](sim::Backend& backend) {
        const auto batch = backend.batches.find(batch_id);
        ASSERT_TRUE(batch) << batch_id;
        EXPECT_TRUE(sim::cancel(**batch, backend.settings, backend.clock.now()));
        backend.runner.watch(**batch);
    });
}

void Workbench::set(const std::string& key, std::string toml) {
    configuration_[key] = std::move(toml);
}

void Workbench::write_configuration() const {
    std::map<std::string, std::string> sections;
    for (const auto& [key, value] : configuration_) {
        const auto dot = key.find('.');
        sections[key.substr(0, dot)] += key.substr(dot + 1) + " = " + value + "\n";
    }
    std::string text;
    for (const auto& [section, content] : sections) text += "[" + section + "]\n" + content + "\n";
    directory_.write("batchd.toml", text);
}

std::set<std::string> Workbench::queues() const {
    const std::string table = "queue.";
    std::set<std::string> names;
    for (const auto& [key, value] : configuration_)
        if (key.starts_with(table))
            names.insert(key.substr(table.size(), key.find('.', table.size()) - table.size()));
    return names;
}

void Workbench::put_outbox(Path outbox) {
    outbox_ = std::move(outbox);
    set("spool.outbox", quoted(outbox_));
}

void Workbench::drop(const std::string& name, const std::string& content) {
    const Path written = directory_.write(".dropping", content);
    expect_input(name, content);
    std::filesystem::rename(written, inbox() / (name + ".jsonl"));
}

void Workbench::drop_into(const std::string& queue, const std::string& name, const std::string& content) {
    std::filesystem::rename(directory_.write(".dropping", content), inbox() / queue / (name + ".jsonl"));
}

void Workbench::expect_input(const std::string& name, const std::string& content) {
    dropped_[name].push_back(content);
}

DaemonCommand Workbench::command(std::vector<std::string> arguments) const {
    write_configuration();
    arguments.insert(arguments.begin(), {"--config", configuration_file().string()});
    return {.arguments = std::move(arguments),
            .environment = environment_,
            .output = root() / "stdout",
            .errors = root() / "stderr"};
}

DaemonProcess& Workbench::start(std::vector<std::string> arguments) {
    const DaemonCommand start = command(std::move(arguments));
    return daemon_.emplace(start);
}

int Workbench::run(std::vector<std::string> arguments) {
    const auto code = start(std::move(arguments)).wait_for_exit(kDeadline);
    EXPECT_TRUE(code) << "batchd does not end; its log:\n" << log();
    return code.value_or(-1);
}

bool Workbench::wait_for_jobs(std::size_t count) {
    return wait_until([&] {
        return database().count("jobs WHERE state IN ('done', 'failed', 'rejected', 'cancelled')") >= count;
    });
}

bool Workbench::wait_for_event(const std::string& kind, const std::string& text) {
    return wait_until([&] { return database().has_event(kind, text); });
}

std::optional<int> Workbench::stop() {
    EXPECT_TRUE(wait_until([&] { return daemon_->catches(SIGTERM); })) << "it ended before it was stopped";
    daemon_->send(SIGTERM);
    return daemon_->wait_for_exit(kDeadline);
}

void Workbench::lose_database() const {
    for (const char* name : {"batchd.db", "batchd.db-wal", "batchd.db-shm"})
        std::filesystem::remove(state() / name);
}

void Workbench::copy_database() const {
    for (const char* name : {"batchd.db", "batchd.db-wal"})
        if (std::filesystem::exists(state() / name))
            std::filesystem::copy_file(state() / name, root() / name);
}

void Workbench::put_database_copy_back() const {
    lose_database();
    for (const char* name : {"batchd.db", "batchd.db-wal"})
        if (std::filesystem::exists(root() / name)) std::filesystem::rename(root() / name, state() / name);
}

void Workbench::ask(const std::string& verb, int job) const {
    OpenWriter writer(state() / "batchd.db");
    writer.execute("INSERT INTO commands (verb, job_id) VALUES ('" + verb + "', " + std::to_string(job) +
                   ")");
    writer.commit();
}

std::string Workbench::log() const {
    return content_of(root() / "stderr");
}

std::string Workbench::output() const {
    return content_of(root() / "stdout");
}

std::string Workbench::job_state(const std::string& name) const {
    return database().value("SELECT state FROM jobs WHERE name = ? ORDER BY id DESC", {name});
}

void SystemTest::TearDown() {
    check_invariants(bench);
    if (HasFailure()) ADD_FAILURE() << "the daemon's log:\n" << bench.log();
}

void SystemTest::start_with_a_batch_in_progress() {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0})");
    bench.drop("articles", articles(4));
    bench.start();
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("batches WHERE status = 'in_progress'") == 1; }));
}

}  // namespace batchd::testing
