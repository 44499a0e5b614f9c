#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

config::Settings settings_in(const Path& root, config::Web web) {
    config::Settings settings;
    settings.spool.inbox = root / "inbox";
    settings.spool.outbox = root / "outbox";
    settings.state.directory = root / "state";
    settings.web = std::move(web);
    for (const Path& folder : {settings.spool.inbox, settings.spool.outbox, settings.state.directory})
        std::filesystem::create_directories(folder);
    return settings;
}

/// As a planner that finds a line wrong exactly where it says "wrong".
report::CheckedFile check(const std::string& name, const Path& file, const std::string&) {
    report::CheckedFile checked;
    checked.name = name;
    checked.requests = 1;
    checked.is_rejected = testing::slurp(file).find("wrong") != std::string::npos;
    if (checked.is_rejected) {
        checked.bad_lines_total = 1;
        checked.bad_lines.push_back({.line_number = 3, .custom_id = "<b>id</b>", .what = "no \"body\""});
    }
    return checked;
}

}  // namespace

std::string location(const std::string& answer) {
    const auto at = answer.find("Location: ");
    return at == std::string::npos ? "" : answer.substr(at + 10, answer.find("\r\n", at) - at - 10);
}

SiteBench::SiteBench(config::Web web) : settings_(settings_in(directory_.path(), std::move(web))) {
    const Path database = spool::Layout{settings_.state.directory}.database();
    store_ = store::open_store(database, store::OpenMode::read_write).value();
    const auto open = [database]() -> Result<std::unique_ptr<store::Store>> {
        // As the daemon's own opening says it.
        if (!std::filesystem::exists(database)) return error(Errc::not_found, "no " + database.string());
        return store::open_store(database, store::OpenMode::watcher);
    };
    Ports ports{.open_state = open,
                .check = check,
                .ask = [this](store::Verb, store::JobId job, const std::string& user) {
                    std::unique_lock lock(mutex_);
                    asked_for_.push_back(job);
                    asking_ = user;
                    const auto answer = answer_;
                    lock.unlock();
                    return answer ? answer() : Result<CommandReply>(CommandReply{true, "done"});
                }};
    room_.reset(new Room{settings_, ports, Access(make_token().value()), StateReader(database, open), "1.2.3",
                         *clock_, pool_, command_pool_});
    session_ = room_->access.open_session();
    site_ = std::make_unique<Site>(*room_);
    server_ = std::make_unique<server::RunningServer>(
        [this](server::Exchange& exchange) { return site_->handle(exchange); }, page_limits());
    server_->run_beside(site_->run());
}

std::string SiteBench::asking() {
    const std::lock_guard lock(mutex_);
    return asking_;
}

std::vector<store::JobId> SiteBench::asked_for() {
    const std::lock_guard lock(mutex_);
    return asked_for_;
}

void SiteBench::daemon_says(std::function<Result<CommandReply>()> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
}

store::JobId SiteBench::add_job(const std::string& name, const std::string& output) {
    store::Job job;
    job.key = "key-" + name;
    job.name = name;
    job.state = store::JobState::done;
    job.requests = job.succeeded = 1;
    job.finished_at = TimePoint{};
    folder_ = settings_.spool.outbox / std::to_string(store_->jobs.count_all().value());
    std::filesystem::create_directories(folder_);
    job.delivered_to = folder_.string();
    put("output.jsonl", output);
    return store_->jobs.restore(job, std::nullopt).value();
}

void SiteBench::put(const std::string& name, const std::string& content) {
    directory_.write(std::filesystem::relative(folder_ / name, directory_.path()).string(), content);
}

std::string SiteBench::ask(const std::string& bytes) {
    auto client = connect();
    client.send(bytes);
    return client.read_to_end();
}

std::string SiteBench::get(const std::string& path, const std::string& headers) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + cookie() + headers +
               "\r\n");
}

std::string SiteBench::post(const std::string& path, const std::string& fields, const std::string& headers) {
    return ask("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + cookie() + headers +
               "Content-Length: " + std::to_string(fields.size()) + "\r\n\r\n" + fields);
}

std::string SiteBench::upload(const std::string& filename, const std::string& content, std::size_t bytes) {
    const std::string body = "--XX\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n" + form_token() +
                             "\r\n--XX\r\nContent-Disposition: form-data; name=\"queue\"\r\n\r\ndefault"
                             "\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
                             filename + "\"\r\n\r\n" + content + "\r\n--XX--\r\n";
    const std::string head =
        "POST /submit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + cookie() +
        "Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    return ask(head + body.substr(0, bytes));
}

std::size_t SiteBench::files_in_inbox() const {
    const std::filesystem::directory_iterator inbox(settings_.spool.inbox);
    return static_cast<std::size_t>(std::distance(begin(inbox), end(inbox)));
}

}  // namespace batchd::web
