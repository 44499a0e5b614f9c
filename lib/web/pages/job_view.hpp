#pragma once

#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "report/status/status.hpp"
#include "web/pages/job_page.hpp"
#include "web/room.hpp"

namespace batchd::web {

/// A job as its page shows it, for one who looks again and again. I/O thread only; the disk is read in the
/// pool, and of a job that has ended once: nothing of it changes any more.
class JobView {
public:
    JobView(Room& room, Frame frame, std::int64_t job) : room_(room), frame_(std::move(frame)), job_(job) {}

    /// All that is known of it, and the files in its folder.
    struct Look {
        report::Status status;
        std::vector<JobFile> files;
    };
    /// Nothing where it is not on record. Errors: of the state, of which nothing can be said then, whatever
    /// their code.
    boost::asio::awaitable<Result<std::optional<Look>>> look();
    /// The part of the page that changes; of a job that is not on record any more, that. Errors: of the
    /// state.
    boost::asio::awaitable<Result<Html>> html();

private:
    /// Only for a job that has ended: its folder is not there before.
    boost::asio::awaitable<void> read_folder(Look& look);

    Room& room_;
    Frame frame_;
    std::int64_t job_;
    /// Never read again, however often somebody looks.
    struct Folder {
        std::vector<JobFile> files;
        std::optional<report::ErrorGroups> errors;
    };
    std::optional<Folder> folder_;  // once it has ended
};

}  // namespace batchd::web
