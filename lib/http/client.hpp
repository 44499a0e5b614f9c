#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/turnstile.hpp"
#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "base/result.hpp"
#include "http/content/multipart.hpp"
#include "http/header/url.hpp"
#include "http/message.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::http {

/// What came of a download. The file was written where `response.status` is 200 and only there.
struct Download {
    Response response;
    std::uint64_t size_bytes = 0;
};

/// Takes the body of a good answer (2xx) as it comes, piece by piece; false: no more is wanted.
using BodySink = std::function<bool(std::string_view piece)>;

/// Waits until there is room for more of such a body, of which there are `bytes` so far. Meanwhile nothing is
/// read, and the server waits as well.
using BodyRoom = std::function<boost::asio::awaitable<void>(std::uint64_t bytes)>;

/// Speaks HTTP/1.1 with one origin over a few connections that it keeps and reuses. Certificates and host
/// names are always verified, and https never becomes http.
///
/// Every call may throw operation_aborted (cancellation). Calls beyond `connections_max` wait in line; of
/// more than one place, downloads leave one to the other calls. A POST is sent once; a GET or DELETE is sent
/// once more where a kept connection turns out to have been closed before any answer. A GET follows up to
/// three redirects, request() within the origin alone and download() beyond it (see redirect_target());
/// another origin sees no header that may be a key (drop_credentials()). I/O thread only; must outlive its
/// calls and places.
class Client {
public:
    struct Options {
        Origin origin;                              ///< http only for a loopback host, or where …
        bool allow_plain_http = false;              ///< … somebody says that the network is to be trusted
        std::optional<Path> ca_file;                ///< PEM; authorities besides the system's
        Millis timeout = std::chrono::seconds(60);  ///< longest time without a byte moving, either way
        /// Likewise once connected, where servers are silent for longer than a dead one may take to be found.
        std::optional<Millis> silence;
        unsigned connections_max = 4;
        std::uint64_t streamed_bytes_max = 256 * 1024 * 1024;  ///< of one body that goes to a BodySink
        std::string user_agent;
    };

    /// Errors: bad_input for http to another machine that is not allowed; the system's or OpenSSL's for a
    /// `ca_file` that can't be read.
    static Result<std::unique_ptr<Client>> create(Options options, boost::asio::any_io_executor executor,
                                                  boost::asio::thread_pool& pool, Clock& clock);
    ~Client();

    /// One of the `connections_max`: the right to make one call, given back by its destruction.
    using Place = Turnstile::Pass;
    /// Waits for a place. A call that is made without one waits by itself.
    boost::asio::awaitable<Place> enter();

    /// The body of a good answer goes to `sink`, where there is one, as `room` lets it, and the response then
    /// holds its first 4 KiB, to be shown; else all of it is in the response. Errors: too_large for a body of
    /// more than `streamed_bytes_max`, or of 16 MiB without a sink.
    boost::asio::awaitable<Outcome<Response>> request(Request request, BodySink sink = {},
                                                      BodyRoom room = {});

    /// As request(), within a place that is left for another call.
    boost::asio::awaitable<Outcome<Response>> request_within(const Place& place, Request request,
                                                             BodySink sink = {}, BodyRoom room = {});

    /// POSTs `form` as multipart/form-data, its file streamed from disk. An answer that comes before all is
    /// sent counts. Errors in phase local: the file can't be read, or became shorter.
    boost::asio::awaitable<Outcome<Response>> upload(Request request, Form form,
                                                     std::optional<Place> place = {});

    /// GETs a body of at most `size_max` bytes into the file `path`, which appears when the body is whole and
    /// on disk. One that is cut off far from its beginning is gone on with, where the server proves that it
    /// sends the rest of the same; the answer's status is 200 then as well. One that crawls (see Crawl)
    /// and can be gone on with lets those who wait go first, and is given up (asio::error::timed_out) where
    /// next to nothing came. Any other status is answered as request() does it, and writes nothing.
    boost::asio::awaitable<Outcome<Download>> download(Request request, Path path, std::uint64_t size_max);

    /// Closes the connections that nobody has used for so long.
    void close_idle(Millis idle_for);

private:
    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::http
