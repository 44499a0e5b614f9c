/// Sends many small requests with the runner of direct mode, so that it can be held against scripts that do
/// the same.

#include <cstdio>
#include <cstdlib>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "provider/direct/run/runner.hpp"

namespace {

namespace asio = boost::asio;
namespace direct = batchd::provider::direct;
using namespace batchd;

/// The same small chat request again and again.
class ManyRequests final : public direct::RequestSource {
public:
    explicit ManyRequests(std::uint64_t count) : count_(count) {}
    asio::awaitable<Result<std::optional<direct::RowRequest>>> next(const direct::Replay&) override {
        if (row_ == count_) co_return std::optional<direct::RowRequest>();
        direct::RowRequest request;
        request.row = ++row_;
        request.custom_id_json = "\"r-" + std::to_string(row_) + "\"";
        request.url = "/v1/chat/completions";
        request.body = R"({"model":"m","messages":[{"role":"user","content":"Say hello."}]})";
        co_return std::optional<direct::RowRequest>(std::move(request));
    }

private:
    std::uint64_t count_;
    std::uint64_t row_ = 0;
};

struct Arguments {
    http::Url url;
    std::uint64_t requests = 0;
    unsigned in_flight = 0;
    Path folder;
};

int send_all(const Arguments& arguments) {
    asio::io_context context(1);
    asio::thread_pool pool(2);
    const auto clock = make_system_clock();
    const auto jitter = [] { return 0.5; };
    http::Client::Options options;
    options.origin = arguments.url.origin;
    options.connections_max = arguments.in_flight;
    options.user_agent = "batchd-direct";
    const auto client = http::Client::create(std::move(options), context.get_executor(), pool, *clock);
    auto opened = direct::open_journal({arguments.folder / "run.journal", arguments.folder / "run.results"});
    if (!client || !opened) {
        std::fprintf(stderr, "%s\n", to_string(client ? opened.error() : client.error()).c_str());
        return 1;
    }
    direct::Journal journal(std::move(*opened), context.get_executor(), pool, *clock);
    direct::PaceLine line({.max_in_flight = arguments.in_flight}, context.get_executor(), *clock, jitter);
    direct::AnswerRoom room(context.get_executor(), *clock);
    ManyRequests source(arguments.requests);
    direct::Runner::Options how;
    how.head = {.base_path = arguments.url.target, .tag = "bench", .auth = {{"Authorization", "Bearer k"}}};
    direct::Runner runner(std::move(how), {source, journal, line, **client, room, *clock, jitter},
                          context.get_executor());
    const Millis begin = clock->uptime();
    asio::co_spawn(context, runner.run(), [](const std::exception_ptr& error, const direct::RunEnd&) {
        if (error) std::rethrow_exception(error);
    });
    context.run();
    pool.join();
    const auto seconds = static_cast<double>((clock->uptime() - begin).count()) / 1000;
    const auto answered = static_cast<double>(runner.progress().answered);
    std::printf("%.0f answered in %.2f s: %.0f a second\n", answered, seconds, answered / seconds);
    return runner.progress().answered == arguments.requests ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    auto url = batchd::http::parse_url(argc > 1 ? argv[1] : "");
    if (argc != 5 || !url) {
        std::fprintf(stderr, "usage: %s BASE_URL REQUESTS IN_FLIGHT FOLDER\n", argv[0]);
        return 2;
    }
    return send_all({std::move(*url), std::strtoull(argv[2], nullptr, 10),
                     static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)), argv[4]});
}
