/// Moves one file with batchd's HTTP client, so that it can be held against curl.

#include <cstdio>
#include <exception>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "http/client.hpp"
#include "http/file_content.hpp"
#include "http/header/url.hpp"

namespace {

namespace asio = boost::asio;
using namespace batchd;

struct Arguments {
    std::string_view verb;
    http::Url url;
    Path ca_file;
    std::string key;
    Path file;
};

/// The status of the answer; 0 where there was none.
asio::awaitable<unsigned> move(http::Client& client, const Arguments& arguments) {
    http::Request request;
    request.target = arguments.url.target;
    request.headers.push_back({"Authorization", "Bearer " + arguments.key});
    if (arguments.verb == "download") {
        const auto done = co_await client.download(std::move(request), arguments.file, 1ULL << 40);
        if (!done) std::fprintf(stderr, "%s\n", done.error().text.c_str());
        co_return done ? done->response.status : 0;
    }
    request.method = http::Method::post;
    http::Form form;
    form.fields.push_back({"purpose", "batch"});
    form.file_field = "file";
    form.filename = "input.jsonl";
    form.open = http::FileContent::of(arguments.file);
    const auto done = co_await client.upload(std::move(request), std::move(form));
    if (!done) std::fprintf(stderr, "%s\n", done.error().text.c_str());
    co_return done ? done->status : 0;
}

int run(const Arguments& arguments) {
    asio::io_context context(1);
    asio::thread_pool pool(1);
    const auto clock = make_system_clock();
    http::Client::Options options;
    options.origin = arguments.url.origin;
    options.ca_file = arguments.ca_file;
    options.user_agent = "batchd-transfer";
    const auto client = http::Client::create(std::move(options), context.get_executor(), pool, *clock);
    if (!client) {
        std::fprintf(stderr, "%s\n", to_string(client.error()).c_str());
        return 1;
    }
    unsigned status = 0;
    asio::co_spawn(context, move(**client, arguments), [&](const std::exception_ptr& error, unsigned got) {
        if (error) std::rethrow_exception(error);
        status = got;
    });
    context.run();
    pool.join();
    return status == 200 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (argc != 6 || (verb != "upload" && verb != "download")) {
        std::fprintf(stderr, "usage: %s upload|download URL CA_FILE KEY FILE\n", argv[0]);
        return 2;
    }
    auto url = http::parse_url(argv[2]);
    if (!url) {
        std::fprintf(stderr, "%s\n", to_string(url.error()).c_str());
        return 2;
    }
    return run({verb, std::move(*url), argv[3], argv[4], argv[5]});
}
