#include "web/download/send_folder.hpp"

#include <utility>
#include <vector>

#include <sys/stat.h>

#include "base/async/run_blocking.hpp"
#include "web/download/begin_download.hpp"
#include "web/download/job_files.hpp"
#include "web/download/send_file.hpp"
#include "web/download/tar.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

struct Member {
    UniqueFd file;
    struct stat status{};
    std::string header;

    std::uint64_t size() const { return static_cast<std::uint64_t>(status.st_size); }
};

/// Opened all at once, so that the archive's size is known before it is made.
std::vector<Member> open_members(const store::Job& job) {
    std::vector<Member> members;
    for (const JobFile& listed : files_of(job)) {
        auto file = open_job_file(job, listed.name);
        struct stat status{};
        // It was there a moment ago. An archive without it is still right, for its size is made of those that
        // are open.
        if (!file || ::fstat(file->get(), &status) != 0) continue;
        const TimePoint modified{std::chrono::seconds(status.st_mtime)};
        std::string header = tar_header(tar_folder(job.name) + "/" + listed.name,
                                        static_cast<std::uint64_t>(status.st_size), modified);
        members.push_back({std::move(*file), status, std::move(header)});
    }
    return members;
}

/// It is made anew each time, and is the same bytes as long as no file of the folder is another one: whoever
/// has a part of it can have the rest.
Attachment archive_of(const store::Job& job, const std::vector<Member>& members) {
    Attachment archive{.name = job.name + ".tar", .type = "application/x-tar", .size = tar_end().size()};
    std::string headers;
    std::vector<struct stat> files;
    for (const Member& member : members) {
        archive.size += kTarBlock + member.size() + tar_padding(member.size());
        headers += member.header;
        files.push_back(member.status);
    }
    archive.validators = validators_of(headers, files);
    return archive;
}

/// Sends what is wanted of an archive, one part of it after the other.
class ArchiveSender {
public:
    ArchiveSender(server::Exchange& exchange, const Range& wanted, asio::thread_pool& pool)
        : exchange_(exchange), wanted_(wanted), pool_(pool) {}

    asio::awaitable<Result<void>> send(const Member& member) {
        if (auto sent = co_await send_text(member.header); !sent) co_return sent;
        const Range part = next(member.size());
        // Of a part that begins behind it this is no byte; only its place is counted.
        if (auto sent = co_await send_bytes(exchange_, member.file, part, pool_); !sent) co_return sent;
        const std::string padding(tar_padding(member.size()), '\0');
        co_return co_await send_text(padding);
    }
    asio::awaitable<Result<void>> send_text(const std::string& text) {
        const Range part = next(text.size());
        if (part.size == 0) co_return Result<void>();
        const auto bytes = std::string_view(text).substr(part.first, part.size);
        co_return co_await exchange_.send(bytes);
    }

private:
    Range next(std::uint64_t size) { return overlap(wanted_, std::exchange(at_, at_ + size), size); }

    server::Exchange& exchange_;
    Range wanted_;
    asio::thread_pool& pool_;
    // Where in the whole archive the next bytes begin, whether or not they are wanted.
    std::uint64_t at_ = 0;
};

}  // namespace

asio::awaitable<Result<void>> send_folder(server::Exchange& exchange, const store::Job& job,
                                          asio::thread_pool& pool) {
    const auto members = co_await run_blocking(pool, [&] { return open_members(job); });
    if (members.empty()) co_return error(Errc::not_found, "this job has no files to send");
    const Attachment archive = archive_of(job, members);
    const auto range = co_await begin_download(exchange, archive);
    if (!range) co_return range.error();
    if (!*range) co_return Result<void>();
    ArchiveSender sender(exchange, **range, pool);
    for (const Member& member : members)
        if (auto sent = co_await sender.send(member); !sent) co_return sent;
    const std::string rest = tar_end();
    if (auto sent = co_await sender.send_text(rest); !sent) co_return sent;
    co_return co_await exchange.end();
}

}  // namespace batchd::web
