#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "sim/certificates.hpp"
#include "sim/server.hpp"
#include "support/temp_dir.hpp"
#include "system/daemon_process.hpp"
#include "system/database.hpp"
#include "system/published_job.hpp"

namespace batchd::testing {

/// How long anything may take on a slow and busy machine under a sanitizer. Nothing is measured against it:
/// it ends what hangs, before the time limit of the whole test does and says less.
constexpr Millis kDeadline = std::chrono::minutes(10);

/// The API key that the practice provider accepts.
constexpr const char* kApiKey = "sk-practice-5b1e0f7c2a94d3";

enum class Transport { tls, plain };

/// Everything a test needs around one daemon: a provider, folders, a configuration, and the daemon itself.
class Workbench {
public:
    explicit Workbench(Transport transport = Transport::tls);
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;
    ~Workbench();

    // --- The provider
    sim::Server& provider() { return *server_; }
    /// A new one, that knows nothing of the one before, on the same port.
    void start_provider(sim::CertificateKind certificate = sim::CertificateKind::good);
    /// It becomes another service, at another address: settings as for Server::change_settings().
    void imitate(std::string_view settings);
    void stop_provider() { server_.reset(); }
    bool has_provider() const { return server_ != nullptr; }
    /// The provider is about to hide a batch for longer than it may: the one case in which a request may be
    /// in two.
    void excuse_provider_hiding_batches() { provider_hides_ = true; }
    /// An upload is about to be hidden for ever: nobody can delete it.
    void excuse_uploads_left() { uploads_may_be_left_ = true; }
    bool may_leave_uploads() const { return uploads_may_be_left_; }
    bool may_find_twins() const { return provider_hides_; }
    void use_transport(Transport transport);  ///< starts the provider anew; before the first start
    /// GET /admin/report, as JSON.
    boost::json::object report();
    /// Cancels a batch as somebody else who has the key would.
    void cancel_at_provider(const std::string& batch_id);
    /// The requests that came in for a route such as "POST /v1/batches".
    std::uint64_t requests_to(const std::string& route);
    bool wait_for_requests_to(const std::string& route, std::uint64_t count);

    // --- The configuration
    /// Sets a key, such as "batch.max_requests", to a value in TOML.
    void set(const std::string& key, std::string toml);
    void unset(const std::string& key) { configuration_.erase(key); }
    Path configuration_file() const { return root() / "batchd.toml"; }
    void write_configuration() const;
    /// The queues of the configuration: each has a folder in the inbox, the outbox and rejected/.
    std::set<std::string> queues() const;
    std::map<std::string, std::string>& environment() { return environment_; }
    Path key_file() const { return root() / "key"; }

    // --- The folders
    const Path& root() const { return directory_.path(); }
    Path inbox() const { return root() / "spool/inbox"; }
    Path outbox() const { return outbox_; }
    void put_outbox(Path outbox);  ///< anywhere; it is removed at the end
    Path rejected() const { return root() / "spool/rejected"; }
    Path control_socket() const { return root() / "control.sock"; }
    Path state() const { return root() / "state"; }
    /// Moves NAME.jsonl into the inbox, complete.
    void drop(const std::string& name, const std::string& content);
    /// The same into the folder of a queue, which is there already; its input is not held against the outbox.
    void drop_into(const std::string& queue, const std::string& name, const std::string& content);
    /// What was dropped under this name, also by other means: checked against what comes out.
    void expect_input(const std::string& name, const std::string& content);
    const std::map<std::string, std::vector<std::string>>& dropped() const { return dropped_; }
    PublishedJob published(const std::string& name) const { return PublishedJob::read(outbox_ / name); }

    // --- The daemon
    /// What start() starts, for who wants to start it himself; the configuration is written first.
    DaemonCommand command(std::vector<std::string> arguments) const;
    /// Starts `batchd --config FILE ARGUMENTS…`; the configuration is written first.
    DaemonProcess& start(std::vector<std::string> arguments = {"run"});
    DaemonProcess& daemon() { return *daemon_; }
    /// `batchd run --once` to its end; its exit code, -1 when it does not end.
    int run_once() { return run({"run", "--once"}); }
    int run(std::vector<std::string> arguments);
    /// Waits for a condition while the daemon runs; false after kDeadline or when the daemon ends before.
    bool wait_until(const std::function<bool()>& condition, Millis deadline = kDeadline) {
        return daemon_->wait_until(condition, deadline);
    }
    /// Until so many jobs are in a final state.
    bool wait_for_jobs(std::size_t count);
    bool wait_for_event(const std::string& kind, const std::string& text = "");
    /// SIGTERM; the exit code.
    std::optional<int> stop();

    /// Removes the database, while no daemon runs: the rest of the state stays.
    void lose_database() const;
    /// Keeps a copy of it, made while no daemon runs, and puts that back in its place.
    void copy_database() const;
    void put_database_copy_back() const;
    /// Inserts a row into `commands`, as somebody with sqlite3 does.
    void ask(const std::string& verb, int job) const;
    Database database() const { return Database(state() / "batchd.db"); }
    std::string log() const;     ///< standard error of all runs so far
    std::string output() const;  ///< standard output likewise
    std::string job_state(const std::string& name) const;

private:
    TempDir directory_;
    Path outbox_;
    sim::Settings settings_;
    Transport transport_;
    std::uint16_t port_ = 0;  // 0: any, until there was a first one
    unsigned providers_ = 0;
    bool provider_hides_ = false;
    bool uploads_may_be_left_ = false;
    std::unique_ptr<sim::Server> server_;
    std::map<std::string, std::string> configuration_;
    std::map<std::string, std::string> environment_;
    std::map<std::string, std::vector<std::string>> dropped_;
    std::optional<DaemonProcess> daemon_;
};

/// A test with a workbench, at whose end every invariant is checked.
class SystemTest : public ::testing::Test {
protected:
    void TearDown() override;
    /// A daemon with the job "articles" of four requests, whose batch stays in progress.
    void start_with_a_batch_in_progress();
    Workbench bench;
};

}  // namespace batchd::testing
