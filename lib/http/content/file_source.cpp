#include "http/content/file_source.hpp"

#include <algorithm>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/disk/file.hpp"
#include "base/uuid.hpp"

namespace batchd::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kUploadBlockBytes = 256 * 1024;

}  // namespace

Result<FileSource> open_file_source(const Form& form) {
    auto fd = open_file(form.path, O_RDONLY);
    if (!fd) return fd.error();
    struct stat status{};
    if (::fstat(fd->get(), &status) != 0) return system_failure("look at " + form.path.string());
    if (!S_ISREG(status.st_mode))
        return error(Errc::bad_input, form.path.string() + " is not a regular file");
    return FileSource{std::move(*fd), static_cast<std::uint64_t>(status.st_size),
                      frame(form, "batchd-" + random_key())};
}

asio::awaitable<Outcome<void>> send_file(Connection& connection, const FileSource& source) {
    if (auto sent = co_await connection.write_all(source.frame.prologue); !sent)
        co_return transport_error(Phase::sent, sent.error());
    std::vector<char> block(std::min<std::uint64_t>(kUploadBlockBytes, source.size));
    for (std::uint64_t left = source.size; left > 0;) {
        const auto got =
            read_some(source.fd.get(), block.data(), std::min<std::uint64_t>(block.size(), left));
        if (!got) co_return transport_error(Phase::local, got.error());
        if (*got == 0)
            co_return transport_error(
                Phase::local, error(Errc::changed, "the file became shorter while it was being sent"));
        if (auto sent = co_await connection.write_all({block.data(), *got}); !sent)
            co_return transport_error(Phase::sent, sent.error());
        left -= *got;
    }
    if (auto sent = co_await connection.write_all(source.frame.epilogue); !sent)
        co_return transport_error(Phase::sent, sent.error());
    co_return Outcome<void>();
}

}  // namespace batchd::http
