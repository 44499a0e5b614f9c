#pragma once

#include <memory>
#include <mutex>

#include "server/client.hpp"
#include "server/running_server.hpp"
#include "spool/layout.hpp"
#include "support/temp_dir.hpp"
#include "web/command/ask_daemon.hpp"
#include "web/site.hpp"

namespace batchd::web {

/// Where a redirect leads to.
std::string location(const std::string& answer);

/// The page as a whole, with a database of its own, and somebody at the other end of a socket.
class SiteBench {
public:
    explicit SiteBench(config::Web web = {});

    /// Adds a job that has ended, with a folder in the outbox that has this output.
    store::JobId add_job(const std::string& name, const std::string& output);

    /// The answer to these bytes, until the server hangs up.
    std::string ask(const std::string& bytes);
    /// GET, with a session.
    std::string get(const std::string& path, const std::string& headers = "");
    /// POST of a form's fields, with a session.
    std::string post(const std::string& path, const std::string& fields, const std::string& headers = "");
    /// A form with a file, as a browser sends it; only its first `bytes`.
    std::string upload(const std::string& filename, const std::string& content,
                       std::size_t bytes = std::string::npos);
    server::Client connect() { return server::Client::at(server_->path()); }
    server::Client connect_by_tcp() { return server::Client::at_port(server_->port()); }

    std::string cookie() const { return "Cookie: batchd_session=" + session_ + "\r\n"; }
    const std::string& session() const { return session_; }
    /// The session of another browser.
    std::string open_session() const { return room_->access.open_session(); }
    std::string form_token() const { return form_token(session_); }
    std::string form_token(const std::string& session) const { return room_->access.form_token(session); }
    const std::string& token() const { return room_->access.token(); }
    Path inbox() const { return settings_.spool.inbox; }
    Path database() const { return spool::Layout{settings_.state.directory}.database(); }
    store::Store& store() { return *store_; }
    /// Puts a file into the folder of the job that was added last.
    void put(const std::string& name, const std::string& content);
    /// All that is in the inbox, hidden or not.
    std::size_t files_in_inbox() const;

    /// What the daemon was asked for.
    std::vector<store::JobId> asked_for();
    /// For whom it was asked the last time, "" where no proxy names anybody.
    std::string asking();
    /// What it says to commands from now on; called in a thread of its own.
    void daemon_says(std::function<Result<CommandReply>()> answer);

private:
    std::mutex mutex_;
    std::vector<store::JobId> asked_for_;           // guarded by mutex_: asked from the pool
    std::string asking_ = "nobody was asked yet";   // likewise
    std::function<Result<CommandReply>()> answer_;  // likewise
    testing::TempDir directory_;
    config::Settings settings_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Clock> clock_ = make_system_clock();
    boost::asio::thread_pool pool_{2}, command_pool_{kCommandsMax};
    std::unique_ptr<Room> room_;
    std::unique_ptr<Site> site_;
    std::string session_;
    Path folder_;  // of the last job
    std::unique_ptr<server::RunningServer> server_;
};

}  // namespace batchd::web
