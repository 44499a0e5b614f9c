#include "provider/openai.hpp"

#include <utility>

#include "base/sha256.hpp"
#include "http/client.hpp"
#include "provider/batch_json.hpp"
#include "provider/failure.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;

/// A result file beyond this is a mistake, and would fill the disk: 50,000 answers of 320 kB each are below
/// it.
constexpr std::uint64_t kDownloadBytesMax = 16'000'000'000;
constexpr std::size_t kAccountDigits = 12;

class OpenAi final : public Provider {
public:
    OpenAi(std::unique_ptr<http::Client> client, std::string prefix, const config::Provider& settings,
           const ApiKey& key, Clock& clock)
        : client_(std::move(client)),
          prefix_(std::move(prefix)),
          base_url_(settings.base_url),
          organization_(settings.organization),
          project_(settings.project),
          key_(key),
          clock_(clock) {}

    Account account() const override {
        Sha256 digest;
        for (const std::string* part : {&key_.value(), &organization_, &project_})
            digest.update(*part + '\0');
        return {base_url_, digest.hex().substr(0, kAccountDigits)};
    }

    asio::awaitable<Turn> enter(CallKind) override { co_return Turn(); }

    asio::awaitable<Answer<FileObject>> upload(Turn, Path path, std::string filename) override {
        http::Form form;
        form.fields.push_back({"purpose", "batch"});
        form.file_field = "file";
        form.filename = std::move(filename);
        form.path = std::move(path);
        const auto response =
            co_await client_->upload(request(http::Method::post, "/files"), std::move(form));
        co_return read(response, Effect::possible, parse_file, "a file object");
    }

    asio::awaitable<Answer<FileObject>> retrieve_file(std::string file_id) override {
        const std::string target = "/files/" + http::percent_encode(file_id);
        const auto response = co_await client_->request(request(http::Method::get, target));
        auto file = read(response, Effect::none, parse_file, "a file object");
        if (file && file->id != file_id)
            co_return failure(unusable(*response, Effect::none, "about file " + file_id));
        co_return file;
    }

    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string after) override {
        std::string path = "/files?purpose=batch&limit=1000&order=desc";
        if (!after.empty()) path += "&after=" + http::percent_encode(after);
        const auto response = co_await client_->request(request(http::Method::get, path));
        co_return read(response, Effect::none, parse_file_page, "a list of files");
    }

    asio::awaitable<Answer<std::uint64_t>> download(std::string file_id, Path path) override {
        const std::string target = "/files/" + http::percent_encode(file_id) + "/content";
        const auto done = co_await client_->download(request(http::Method::get, target), std::move(path),
                                                     kDownloadBytesMax);
        if (!done) co_return failure(classify(done.error(), Effect::none));
        if (done->response.status != 200)
            co_return failure(classify(done->response, Effect::none, clock_.now()));
        co_return done->size_bytes;
    }

    asio::awaitable<Answer<bool>> delete_file(std::string file_id) override {
        const std::string target = "/files/" + http::percent_encode(file_id);
        const auto response = co_await client_->request(request(http::Method::del, target));
        co_return read(response, Effect::none, parse_deletion, "the outcome of a deletion");
    }

    asio::awaitable<Answer<BatchObject>> create(Turn, NewBatch batch) override {
        http::Request post = request(http::Method::post, "/batches");
        post.headers.push_back({"Content-Type", "application/json"});
        post.body = to_json(batch);
        const auto response = co_await client_->request(std::move(post));
        co_return read(response, Effect::possible, parse_batch, "a batch object");
    }

    asio::awaitable<Answer<BatchObject>> retrieve(std::string batch_id) override {
        const auto response = co_await client_->request(request(http::Method::get, batch_target(batch_id)));
        co_return read_batch(response, Effect::none, batch_id);
    }

    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string after) override {
        std::string path = "/batches?limit=100";
        if (!after.empty()) path += "&after=" + http::percent_encode(after);
        const auto response = co_await client_->request(request(http::Method::get, path));
        co_return read(response, Effect::none, parse_batch_page, "a list of batches");
    }

    asio::awaitable<Answer<BatchObject>> cancel(std::string batch_id) override {
        const auto response =
            co_await client_->request(request(http::Method::post, batch_target(batch_id) + "/cancel"));
        co_return read_batch(response, Effect::possible, batch_id);
    }

private:
    static std::string batch_target(std::string_view batch_id) {
        return "/batches/" + http::percent_encode(batch_id);
    }

    http::Request request(http::Method method, std::string_view path) const {
        http::Request request;
        request.method = method;
        request.target = prefix_ + std::string(path);
        request.headers.push_back({"Accept", "application/json"});
        if (!key_.value().empty()) request.headers.push_back({"Authorization", "Bearer " + key_.value()});
        if (!organization_.empty()) request.headers.push_back({"OpenAI-Organization", organization_});
        if (!project_.empty()) request.headers.push_back({"OpenAI-Project", project_});
        return request;
    }

    Failure failure(Failure found) const { return safe(std::move(found), key_.value()); }

    template <class T>
    Answer<T> read(const http::Outcome<http::Response>& response, Effect effect,
                   std::optional<T> (*parse)(std::string_view), std::string_view wanted) const {
        if (!response) return failure(classify(response.error(), effect));
        if (response->status / 100 != 2) return failure(classify(*response, effect, clock_.now()));
        auto value = parse(response->body);
        if (!value) return failure(unusable(*response, effect, wanted));
        return std::move(*value);
    }

    /// As read(), and it must be the batch that was asked for: a cache may have mixed answers up.
    Answer<BatchObject> read_batch(const http::Outcome<http::Response>& response, Effect effect,
                                   const std::string& batch_id) const {
        auto batch = read(response, effect, parse_batch, "a batch object");
        if (batch && batch->id != batch_id)
            return failure(unusable(*response, effect, "about batch " + batch_id));
        return batch;
    }

    std::unique_ptr<http::Client> client_;
    std::string prefix_;
    std::string base_url_;
    std::string organization_;
    std::string project_;
    const ApiKey& key_;
    Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Provider>> make_openai(const config::Provider& settings, const ApiKey& key,
                                              asio::any_io_executor executor, asio::thread_pool& pool,
                                              Clock& clock) {
    auto base = http::parse_url(settings.base_url);
    if (!base) return within("provider.base_url", base.error());
    std::string prefix = base->target;
    if (prefix.find('?') != std::string::npos)
        return error(Errc::bad_input, "provider.base_url must not have a query: " + settings.base_url);
    while (prefix.ends_with('/')) prefix.pop_back();
    http::Client::Options options;
    options.origin = std::move(base->origin);
    options.ca_file = settings.ca_file;
    options.timeout = settings.timeout;
    options.connections_max = settings.max_connections;
    options.user_agent = "batchd/" BATCHD_VERSION;
    auto client = http::Client::create(std::move(options), std::move(executor), pool, clock);
    if (!client) return within("provider", client.error());
    return std::unique_ptr<Provider>(
        std::make_unique<OpenAi>(std::move(*client), std::move(prefix), settings, key, clock));
}

}  // namespace batchd::provider
