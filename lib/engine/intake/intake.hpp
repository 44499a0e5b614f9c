#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/intake/inbox_picture.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "spool/claim.hpp"
#include "spool/inbox/inbox.hpp"
#include "spool/inbox/inbox_lock.hpp"
#include "spool/inbox/inbox_watcher.hpp"
#include "spool/inbox/settling.hpp"
#include "spool/inbox/writers.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Takes files out of the inbox once their writers have finished. Events of the kernel make it quick; a scan
/// of the whole folder now and then makes it certain.
class Intake {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        Wakes& wakes;
        spool::InboxWatches& watches;
    };

    enum class Mode {
        daemon,  ///< for ever
        once     ///< what is in the inbox now
    };

    /// `queue`: whose folder it takes files from, and under whose rules. `due` is raised when there is
    /// something to do for one that is idle.
    Intake(const Ports& ports, Mode mode, Wake& due, std::string queue = std::string(config::kDefaultQueue));

    /// Makes the inbox ours, for as long as this lives. Errors: locked where another daemon has it; errno.
    Result<void> own_inbox();
    /// Finishes, or undoes, what a crash interrupted between the row and the rename. Before any other stage
    /// runs.
    boost::asio::awaitable<void> finish_claims(std::vector<store::Job> claimed);
    /// Runs until it is idle, which that of the default inbox never is; in Mode::once until everything is
    /// taken that was there when it began.
    boost::asio::awaitable<void> run();
    /// Watches the folder, and is idle from the start, where nothing is left of a claim. Instead of a first
    /// run().
    void rest();

    /// Mode::once: everything that was in the inbox is taken, or is not for us.
    bool drained() const { return drained_; }
    bool inbox_is_gone() const { return inbox_is_gone_; }
    /// There was nothing in the folder of its queue: a thousand queues in which nothing happens cost nothing.
    /// Its owner looks whether there is something in the folders of all such queues together, calls
    /// scan_now(), and run() when it is not idle any more.
    bool is_idle() const;
    const Path& folder() const { return inbox_; }
    void scan_now();
    /// True while the file of a job that is on record is still on its way into the work directory.
    bool is_moving(store::JobId id) const { return moving_.contains(id); }

private:
    // Files that are taken together share the waits for the disk; the first of them waits for the last.
    static constexpr std::size_t kGroupMax = 64;
    static constexpr Millis kNever = Millis::max();

    /// A job on record whose file could be set aside in the inbox, and not be copied yet.
    struct Unfinished {
        store::Job job;
        spool::Claim claim;
    };

    /// Where the folder is not watched, or is another one now.
    Result<void> watch();
    void hear(const spool::InboxEvent& event);
    void take_note(const spool::InboxEvent& event);
    /// Reads the whole folder, page by page, and takes what is ready.
    boost::asio::awaitable<void> scan();
    /// Takes the files of `named_` without reading the folder.
    boost::asio::awaitable<void> take_named();
    boost::asio::awaitable<void> read_names(std::optional<spool::InboxScan>& directory,
                                            spool::InboxPage page);
    boost::asio::awaitable<void> remove_left(std::vector<std::string> hidden);
    /// Does the rename, or the copy, for jobs whose rows are there; at most kGroupMax.
    boost::asio::awaitable<void> finish_group(std::vector<store::Job> jobs);
    boost::asio::awaitable<void> finish_the_unfinished();
    /// False where its writer may not have finished; then another look is due.
    bool is_ready(const spool::Candidate& candidate);
    /// Those that nobody has open for writing.
    boost::asio::awaitable<std::vector<spool::Candidate>> closed_ones(
        std::vector<spool::Candidate> candidates);
    bool may_take(const spool::Candidate& candidate, const Result<spool::Writers>& writers);
    bool waits(const spool::Candidate& candidate, spool::Readiness readiness);
    /// Rows, then renames, of at most kGroupMax files.
    boost::asio::awaitable<void> claim(std::vector<spool::Candidate> ready);
    /// Their rows in one commit, in the order of the candidates.
    Result<std::vector<store::Job>> add_jobs(const std::vector<spool::Candidate>& candidates);
    /// Tells of what was taken, and undoes what was not. The three are of the same length and order.
    void conclude(const std::vector<store::Job>& jobs, const std::vector<spool::Claim>& claims,
                  const std::vector<Result<spool::Claimed>>& results);
    /// Takes the row back, where the file is still the inbox's.
    void undo(const store::Job& job, const spool::Claim& claim, const Error& why);
    void put_off(const std::string& name, const Error& why);
    bool keeps_unfinished(const store::Job& job, const spool::Claim& claim);
    /// Of files that an earlier claim has set aside, those that people have to look at.
    void mention_set_aside(const std::vector<std::string>& names);
    /// As an event, once for each text, or for each `cause` where texts of one cause differ; `name` "" is
    /// about the inbox.
    void say_once(const std::string& name, const std::string& what, const std::string& cause = "");
    void tell_of_no_watch(const Error& why);
    void inbox_works();
    void inbox_fails(const Error& error);
    /// Until a scan is due, or a file will have stood still for long enough.
    Millis until_next_look() const;

    /// Those of the default inbox that are queues.
    std::set<std::string> known_folders() const;

    const Ports ports_;
    Mode mode_;
    std::string queue_;
    Path inbox_;
    Wake& due_;
    Wake wake_;
    spool::Settling settling_;
    std::set<std::string> named_;  // by events that say "whole": claimed without a scan
    std::set<std::string> said_;   // complaints that were logged already
    /// A claim that failed.
    struct Failed {
        Millis until{0};  ///< uptime of the next try
        spool::LeftReason reason = spool::LeftReason::failed;
        std::string shown;  ///< its name, with what is in the way
    };
    std::map<std::string, Failed> failed_;  // by name
    std::set<store::JobId> moving_;
    std::vector<Unfinished> unfinished_;
    std::optional<spool::InboxLock> lock_;
    spool::LeftAlone left_;  // what the scan that runs, or was the last, has found
    InboxPicture picture_;
    Millis next_scan_{0};
    bool some_wait_ = false;  // the last scan saw files whose writers may not have finished
    bool inbox_is_gone_ = false;
    bool drained_ = false;
    bool watch_is_lost_ = false;  // with the folder
    // Goes first: nothing is heard any more.
    std::optional<spool::InboxWatcher> watcher_;
};

}  // namespace batchd::engine
