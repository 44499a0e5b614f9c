#include "torture/scenario.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "system/requests.hpp"
#include "torture/kill_point.hpp"

namespace batchd::torture {
namespace {

using testing::chat_line;
using Ids = std::vector<std::string>;

const std::string kQueue = "memos";

// 0: all done; 1: some job failed or was rejected, or the daemon said why it could not go on.
// Not 65: a read of the database that failed is no damage to it, and none is done here.
bool is_orderly(int exit_code) {
    return exit_code == 0 || exit_code == 1;
}

}  // namespace

Scenario::Scenario(Path daemon, Service service)
    : daemon_(std::move(daemon)), service_(service), bench_(testing::Transport::plain) {
    bench_.set("spool.settle_time", "\"10ms\"");
    bench_.set("provider.list_lag", "\"20ms\"");
    bench_.set("provider.delete_files", "true");
    bench_.set("batch.max_requests", "3");
    bench_.set("retry.row_attempts", "5");
    bench_.set("retry.min_backoff", "\"10ms\"");
    bench_.set("retry.max_backoff", "\"200ms\"");
    bench_.provider().change_settings(
        R"({"known_by_text":true,"expire_batch":[2],"rows":[{"match":"*letter_2","status":500,"runs_max":1},)"
        R"({"match":"*note_1","status":400}]})");
    if (service == Service::one_by_one) send_one_by_one();

    const Ids letters{"letter_1", "letter_2", "letter_3", "letter_4", "letter_5"};
    Ids lines;
    for (const std::string& id : letters) lines.push_back(chat_line(id));
    bench_.drop("letters", testing::file_of(lines));
    expected_["letters"] = {.answered = letters};

    bench_.drop("notes", testing::file_of({chat_line("note_1"), chat_line("note_2")}));
    expected_["notes"] = {.answered = {"note_2"}, .failed = {"note_1"}};

    // They wait until there are three, and then go as one batch.
    bench_.set("queue." + kQueue + ".collect_requests", "3");
    std::filesystem::create_directory(bench_.inbox() / kQueue);
    for (const std::string name : {"memo_1", "memo_2", "memo_3"}) {
        const std::string content = testing::file_of({chat_line(name, "gpt-4o")});
        bench_.drop_into(kQueue, name, content);
        bench_.expect_input(name, content);
        expected_[kQueue + "/" + name] = {.answered = {name}};
    }

    bench_.drop("scrap", "this is no request\n");
    expected_["scrap"] = {.is_rejected = true};
}

void Scenario::send_one_by_one() {
    bench_.set("provider.kind", "\"direct\"");
    // Each of the calls that fail one after the other may be the end of the same request's connection.
    bench_.set("retry.row_attempts", "20");
}

Findings Scenario::check_repeats() {
    const auto answered_again = bench_.report().at("direct").at("paid_again").to_number<std::uint64_t>();
    const std::string on_record =
        bench_.database().value("SELECT coalesce(sum(possibly_repeated), 0) FROM batches");
    if (answered_again <= std::stoull(on_record)) return {};
    return {{Finding::Kind::twice, std::to_string(answered_again) + " requests were answered again, and " +
                                       on_record + " are on record"}};
}

testing::DaemonCommand Scenario::command() const {
    return started_with({"run", "--once"});
}

testing::DaemonCommand Scenario::started_with(std::vector<std::string> arguments) const {
    testing::DaemonCommand command = bench_.command(std::move(arguments));
    if (!daemon_.empty()) command.program = daemon_;
    return command;
}

Findings Scenario::live(Observer& observer, const std::set<Effect>& effects) {
    const Ending ending =
        run_traced(started_with({"run"}), effects, observer, kLifeMax, [this] { return is_over(); });
    // Where an earlier life has done all, the signal may come before there is anybody who catches it.
    return ending.exit_code == 128 + SIGTERM ? Findings() : check(ending);
}

/// Seen in the folders alone: whoever opens the database beside a daemon that is killed would be the one who
/// puts it in order.
bool Scenario::is_over() const {
    for (const auto& [name, job] : expected_)
        if (!std::filesystem::exists((job.is_rejected ? bench_.rejected() : bench_.outbox()) / name))
            return false;
    std::error_code ec;
    return std::filesystem::is_empty(bench_.state() / "work", ec) && !ec;
}

Findings Scenario::check_shared() {
    if (service_ == Service::one_by_one) return {};
    // Of the first attempt: it may be the one that the provider lets expire, and what goes out again is
    // fewer.
    const std::string shared = bench_.database().value(
        "SELECT count(*) || ' in ' || count(DISTINCT p.batch) FROM parts p JOIN jobs j ON j.id = p.job_id"
        " JOIN batches b ON b.id = p.batch WHERE j.queue = ? AND b.bundle IS NOT NULL AND b.attempt = 1",
        {kQueue});
    if (shared == "3 in 1") return {};
    return {
        {Finding::Kind::broken, "of the three that wait for each other, so many shared a batch: " + shared}};
}

Findings Scenario::check(const Ending& ending) {
    if (ending.was_late) return {{Finding::Kind::crashed, "it did not end"}};
    if (ending.was_killed || is_orderly(ending.exit_code)) return {};
    return {{Finding::Kind::crashed, "it ended with " + std::to_string(ending.exit_code)}};
}

Findings Scenario::finish() {
    testing::DaemonProcess last(command());
    const auto code = last.wait_for_exit(kLifeMax);
    last.kill();
    Findings findings = check({.exit_code = code.value_or(0), .was_late = !code});
    append(findings, judge(bench_, expected_));
    return findings;
}

std::uint64_t count_moments(const Options& options) {
    Scenario scenario(options.daemon, options.service);
    KillPoint counter(scenario.bench().root(), KillPoint::kNever);
    Findings findings = scenario.live(counter);
    append(findings, scenario.finish());
    append(findings, scenario.check_shared());
    if (!findings.empty()) throw std::runtime_error("undisturbed: " + findings.front().text);
    return counter.count();
}

}  // namespace batchd::torture
