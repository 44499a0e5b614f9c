#include "daemon/state/submission.hpp"

#include <csignal>

#include <fcntl.h>

#include "base/log.hpp"
#include "daemon/console/pause.hpp"
#include "daemon/state/open_state.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;

/// How long a file of the same name may still be in the inbox of a daemon that runs: longer than it has to
/// stand still there.
constexpr Millis kNamePatience = 3s;
constexpr Millis kNameAgain = 20ms;

/// Keeps off what people and supervisors end a command with, which would leave some of the files submitted.
class WithoutInterrupts {
public:
    WithoutInterrupts() {
        sigset_t ends;
        sigemptyset(&ends);
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, number);
        pthread_sigmask(SIG_BLOCK, &ends, &before_);
    }
    WithoutInterrupts(const WithoutInterrupts&) = delete;
    WithoutInterrupts& operator=(const WithoutInterrupts&) = delete;
    ~WithoutInterrupts() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

Result<Submission> copy(const Path& file, const std::string& name, const Path& inbox) {
    const auto from = open_file(file, O_RDONLY);
    if (!from) return from.error();
    auto drop = spool::InboxDrop::create(inbox, name);
    if (!drop) {
        Error failure = drop.error();
        if (failure.code == boost::system::errc::permission_denied) failure.context += how_to_join(inbox);
        return failure;
    }
    if (auto copied = drop->append_all_of(from->get()); !copied) return within(file.string(), copied.error());
    if (auto finished = drop->finish(); !finished) return finished.error();
    return Submission{file, std::move(*drop), std::nullopt};
}

Result<void> publish(spool::InboxDrop& drop, bool daemon_may_run) {
    const std::string name = drop.name();
    Result<bool> published = drop.publish();
    for (Millis waited{0}; daemon_may_run && published && !*published && waited < kNamePatience;
         waited += kNameAgain) {
        pause(kNameAgain);
        published = drop.publish();
    }
    for (std::uint64_t number = 2; published && !*published; ++number) {
        drop.rename(name + "." + std::to_string(number));
        published = drop.publish();
    }
    if (!published) return published.error();
    return {};
}

/// `why` one of them has no name, and what has become of those that had one.
Error taken_back(std::vector<Submission>& submissions, const Error& why) {
    std::string kept;
    for (Submission& submission : submissions) {
        if (!submission.drop.is_published()) continue;
        const auto withdrawn = submission.drop.withdraw();
        if (withdrawn && *withdrawn) continue;
        kept += (kept.empty() ? "" : ", ") + printable(submission.drop.name() + ".jsonl");
    }
    if (kept.empty()) return within("nothing is submitted", why);
    return within(kept + " can't be taken back any more and stays submitted, the rest is not", why);
}

}  // namespace

Result<std::vector<Submission>> copy_all(const std::vector<Path>& files,
                                         const std::vector<std::string>& names, const Path& inbox) {
    std::vector<Submission> submissions;
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto copied = copy(files[i], names[i], inbox);
        if (!copied) return copied.error();
        submissions.push_back(std::move(*copied));
    }
    return submissions;
}

Result<void> publish_all(std::vector<Submission>& submissions, bool daemon_may_run) {
    const WithoutInterrupts here;
    for (Submission& submission : submissions)
        if (auto published = publish(submission.drop, daemon_may_run); !published)
            return taken_back(submissions, published.error());
    return {};
}

}  // namespace batchd
