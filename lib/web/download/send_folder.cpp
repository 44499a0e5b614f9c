#include "web/download/send_folder.hpp"

#include <vector>

#include <sys/stat.h>

#include "base/async/run_blocking.hpp"
#include "web/download/job_files.hpp"
#include "web/download/send_file.hpp"
#include "web/download/tar.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

struct Member {
    UniqueFd file;
    std::uint64_t size = 0;
    std::string header;
};

/// Opened all at once, so that the archive's size is known before it is made.
std::vector<Member> open_members(const store::Job& job) {
    std::vector<Member> members;
    for (const JobFile& listed : files_of(job)) {
        auto file = open_job_file(job, listed.name);
        struct stat status{};
        if (!file || ::fstat(file->get(), &status) != 0) continue;
        const auto size = static_cast<std::uint64_t>(status.st_size);
        const TimePoint modified{std::chrono::seconds(status.st_mtime)};
        std::string header = tar_header(tar_folder(job.name) + "/" + listed.name, size, modified);
        members.push_back({std::move(*file), size, std::move(header)});
    }
    return members;
}

std::uint64_t archive_size(const std::vector<Member>& members) {
    std::uint64_t size = tar_end().size();
    for (const Member& member : members) size += kTarBlock + member.size + tar_padding(member.size);
    return size;
}

server::AnswerHead head_for(const store::Job& job) {
    server::AnswerHead head{.status = 200,
                            .headers = {{"Content-Type", "application/x-tar"},
                                        {"Content-Disposition", attachment(job.name + ".tar")},
                                        // It is made anew each time; single files go on where they broke off.
                                        {"Accept-Ranges", "none"},
                                        {"Cache-Control", "no-store"}}};
    add_safe_headers(head);
    return head;
}

asio::awaitable<Result<void>> send_member(server::Exchange& exchange, const Member& member,
                                          asio::thread_pool& pool) {
    if (auto sent = co_await exchange.send(member.header); !sent) co_return sent;
    auto sent = co_await send_bytes(exchange, member.file, {Range::Kind::all, 0, member.size}, pool);
    if (!sent || tar_padding(member.size) == 0) co_return sent;
    const std::string padding(tar_padding(member.size), '\0');
    co_return co_await exchange.send(padding);
}

}  // namespace

asio::awaitable<Result<void>> send_folder(server::Exchange& exchange, const store::Job& job,
                                          asio::thread_pool& pool) {
    const auto members = co_await run_blocking(pool, [&] { return open_members(job); });
    if (members.empty()) co_return error(Errc::not_found, "this job has no files to send");
    server::AnswerHead head = head_for(job);
    if (auto begun = co_await exchange.begin(std::move(head), archive_size(members)); !begun) co_return begun;
    if (exchange.head().method == "HEAD") co_return co_await exchange.end();
    for (const Member& member : members)
        if (auto sent = co_await send_member(exchange, member, pool); !sent) co_return sent;
    const std::string rest = tar_end();
    if (auto sent = co_await exchange.send(rest); !sent) co_return sent;
    co_return co_await exchange.end();
}

}  // namespace batchd::web
