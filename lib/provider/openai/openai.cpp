#include "provider/openai/openai.hpp"

#include <algorithm>
#include <utility>

#include "base/async/run_until.hpp"
#include "base/disk/sha256.hpp"
#include "provider/openai/access/neutral.hpp"
#include "provider/openai/asked.hpp"
#include "provider/openai/batch_json.hpp"
#include "provider/openai/failure.hpp"
#include "provider/openai/file_wait.hpp"
#include "provider/openai/json/object_reader.hpp"
#include "provider/openai/row_content.hpp"
#include "provider/openai/wire.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;

/// A result file beyond this is a mistake, and would fill the disk: 50,000 answers of 320 kB each are below
/// it.
constexpr std::uint64_t kDownloadBytesMax = 16'000'000'000;
// 48 bits tell the accounts of one daemon apart, and nobody finds a key by them.
constexpr std::size_t kAccountDigits = 12;

class OpenAi final : public Provider {
public:
    OpenAi(std::unique_ptr<http::Client> client, Wire wire, const config::Provider& settings,
           const ApiKey& key, Clock& clock)
        : client_(std::move(client)),
          wire_(std::move(wire)),
          settings_(settings),
          forms_(forms_of(settings.dialect)),
          key_(key),
          clock_(clock) {}

    Identity identity() const override {
        // The account is told by a digest of what chooses it, so that a key of another project is noticed
        // without the key being on record anywhere.
        const std::string key = settings_.dialect.key_names_account ? key_.value() : std::string();
        Sha256 digest;
        for (const std::string* part : {&key, &settings_.organization, &settings_.project})
            // With an end behind each, so that "a" and "bc" are not "ab" and "c".
            digest.update(*part + '\0');
        return {settings_.base_url, digest.hex().substr(0, kAccountDigits)};
    }

    /// A turn is a place among the client's connections: nothing is left to wait for behind it.
    asio::awaitable<Turn> enter(CallKind) override {
        auto hold = std::make_unique<PlaceHold>(co_await client_->enter());
        co_return Turn(std::move(hold));
    }

    asio::awaitable<Answer<void>> knock() override {
        // A list of one is nobody's request and costs nothing; a server that has no such list, or shows it to
        // others only, is asked for the next.
        Neutral neutral(settings_.dialect, wire_.files_path());
        while (const auto path = neutral.next()) {
            auto page = co_await ask<Page<FileObject>>(get(*path), Effect::none, "a list");
            neutral.answered(page.answer ? Answer<void>() : of_listing(page.answer.error()));
        }
        co_return neutral.answer();
    }

    asio::awaitable<Answer<FileObject>> upload(Turn turn, Path path, std::string filename) override {
        auto content = [path] { return RowContent::open(path); };
        http::Form form = wire_.upload(content, std::move(filename));
        http::Request post = request(http::Method::post, wire_.upload_path());
        const auto response = co_await client_->upload(std::move(post), std::move(form), place_of(turn));
        if (!response) co_return failure(classify(response.error(), Effect::possible));
        ObjectReader<FileObject> reader(forms_);
        reader.write(response->body);
        co_return judged(*response, reader.finish(), Effect::possible, "a file object");
    }

    asio::awaitable<Answer<FileObject>> retrieve_file(std::string file_id) override {
        auto asked = co_await look<FileObject>("/files/" + http::percent_encode(file_id),
                                               "the object of file " + file_id);
        co_return about(file_id, std::move(asked.answer), Effect::none);
    }

    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string after) override {
        if (!settings_.dialect.list_files) co_return not_there("a list of files");
        co_return co_await list<FileObject>(wire_.files_path() + "order=desc&", std::move(after),
                                            "a list of files");
    }

    asio::awaitable<Answer<std::uint64_t>> download(std::string file_id, Path path) override {
        http::Request content = get("/files/" + http::percent_encode(file_id) + "/content");
        const auto done = co_await client_->download(std::move(content), std::move(path), kDownloadBytesMax);
        if (!done) co_return failure(classify(done.error(), Effect::none));
        // A part of the content (206) was not asked for, and would be taken for the whole.
        if (done->response.status != 200)
            co_return failure(classify(done->response, Effect::none, clock_.now()));
        co_return done->size_bytes;
    }

    asio::awaitable<Answer<bool>> delete_file(std::string file_id) override {
        http::Request removal = request(http::Method::del, "/files/" + http::percent_encode(file_id));
        auto asked = co_await ask<Deletion>(std::move(removal), Effect::none, "the outcome of a deletion");
        if (asked.status == 204) co_return true;  // done, and nothing to say about it
        if (!asked.answer) co_return asked.answer.error();
        if (asked.answer->id.empty()) asked.answer->id = file_id;
        const auto deletion = about(file_id, std::move(asked.answer), Effect::none);
        if (!deletion) co_return deletion.error();
        co_return deletion->is_deleted;
    }

    asio::awaitable<Answer<BatchObject>> create(Turn turn, NewBatch batch) override {
        // Refused here, before a call is made: the provider would say the same after an upload of gigabytes
        // was looked through.
        if (std::string objection = wire_.objection_to(batch); !objection.empty())
            co_return refused(std::move(objection));
        // One place among the connections for the check of the file and the create: a create that waited
        // behind downloads after its intent was committed would be in doubt without having been sent.
        auto place = place_of(turn);
        if (!place) place.emplace(co_await client_->enter());
        auto wait = co_await wait_for_file(*place, batch.input_file_id);
        if (wait) co_return std::move(*wait);
        http::Request post = request(http::Method::post, "/batches");
        post.headers.push_back({"Content-Type", "application/json"});
        post.body = to_json(wire_.to_create(std::move(batch)));
        Forms forms = forms_;
        // Only the answer to a create is wrapped by those who wrap; what is asked for later is not.
        forms.object_field = settings_.dialect.answer_field;
        auto created = co_await ask<BatchObject>(std::move(post), Effect::possible, "a batch object", &*place,
                                                 std::move(forms));
        if (!created.answer) co_return of_creation(created.answer.error());
        co_return std::move(created.answer);
    }

    asio::awaitable<Answer<BatchObject>> retrieve(std::string batch_id) override {
        auto asked = co_await look<BatchObject>(batch_target(batch_id), "the object of batch " + batch_id);
        co_return about(batch_id, std::move(asked.answer), Effect::none);
    }

    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string after) override {
        if (!settings_.dialect.list_batches) co_return not_there("a list of batches");
        co_return co_await list<BatchObject>("/batches?", std::move(after), "a list of batches");
    }

    asio::awaitable<Answer<BatchObject>> cancel(std::string batch_id) override {
        http::Request post = request(http::Method::post, batch_target(batch_id) + "/cancel");
        auto asked =
            co_await ask<BatchObject>(std::move(post), Effect::possible, "the object of batch " + batch_id);
        co_return about(batch_id, std::move(asked.answer), Effect::possible);
    }

private:
    static std::string batch_target(std::string_view batch_id) {
        return "/batches/" + http::percent_encode(batch_id);
    }

    static Forms forms_of(const config::Dialect& dialect) {
        Forms forms;
        forms.list_field = dialect.list_field;
        forms.status_words = dialect.status_words;
        forms.tells_endpoint = dialect.create_endpoint.empty();
        return forms;
    }

    /// Why a batch can't be made of the file yet; nothing where it is to be tried. It costs a call whose
    /// failure leaves no doubt, within the place that the create has.
    asio::awaitable<std::optional<Failure>> wait_for_file(const http::Client::Place& place,
                                                          std::string file_id) {
        if (!settings_.dialect.wait_for_processed) co_return std::nullopt;
        const std::string path = "/files/" + http::percent_encode(file_id);
        auto asked =
            co_await ask<FileObject>(get(path), Effect::none, "the object of file " + file_id, &place);
        const auto file = about(file_id, std::move(asked.answer), Effect::none);
        auto wait = file_wait_.judge(file_id, file, clock_.uptime());
        if (wait) wait = failure(std::move(*wait));
        co_return wait;
    }

    http::Request request(http::Method method, std::string_view path) const {
        return wire_.request(method, path, key_.value());
    }

    http::Request get(std::string_view path) const { return request(http::Method::get, path); }

    /// What the configuration says that the server does not have is not asked for.
    static Failure not_there(std::string_view what) {
        Failure failure;
        failure.kind = FailureKind::unsupported;
        failure.message = "by the configuration the provider does not have " + std::string(what);
        return failure;
    }

    static Failure refused(std::string why) {
        Failure failure;
        failure.kind = FailureKind::refused;
        failure.message = std::move(why);
        return failure;
    }

    Failure failure(Failure found) const { return safe(std::move(found), key_.value()); }

    /// What an answer says; `value` is what could be read of it.
    template <class T>
    Answer<T> judged(const http::Response& response, std::optional<T> value, Effect effect,
                     std::string_view wanted) const {
        if (response.status / 100 != 2) return failure(classify(response, effect, clock_.now()));
        if (!value) return failure(unusable(response, effect, wanted));
        return std::move(*value);
    }

    /// With `place`, within it; else it waits for one.
    template <class T>
    asio::awaitable<Asked<T>> ask(http::Request request, Effect effect, std::string wanted,
                                  const http::Client::Place* place = nullptr) {
        co_return co_await ask<T>(std::move(request), effect, std::move(wanted), place, forms_);
    }

    /// For one object, which is small as a rule: what never comes, or trickles, must not hold up the looks at
    /// all others. A long one, as of a failed batch with its errors, has its time as long as it flows.
    template <class T>
    asio::awaitable<Asked<T>> look(std::string path, std::string wanted) {
        const Millis limit = std::min(settings_.timeout, kLookMax);
        const http::Client::Place place = co_await client_->enter();
        std::uint64_t received = 0;
        std::optional<Asked<T>> asked;
        auto looking = look_into(asked, place, std::move(path), std::move(wanted), received);
        const bool came = co_await run_until(stalled(received, limit), std::move(looking));
        if (came) co_return std::move(*asked);
        Failure slow;
        slow.kind = FailureKind::unavailable;
        slow.message = "no answer within " + format_duration(limit);
        Asked<T> none;
        none.answer = std::move(slow);
        co_return none;
    }

    template <class T>
    asio::awaitable<void> look_into(std::optional<Asked<T>>& asked, const http::Client::Place& place,
                                    std::string path, std::string wanted, std::uint64_t& received) {
        asked = co_await ask<T>(get(path), Effect::none, std::move(wanted), &place, forms_, &received);
    }

    /// Ends where nothing flows any more that would be worth waiting for.
    asio::awaitable<void> stalled(const std::uint64_t& received, Millis limit) const {
        for (std::uint64_t before = 0;; before = received) {
            co_await clock_.sleep_for(limit);
            if (received - before < kLookBytesMin) co_return;
        }
    }

    template <class T>
    asio::awaitable<Asked<T>> ask(http::Request request, Effect effect, std::string wanted,
                                  const http::Client::Place* place, Forms forms,
                                  std::uint64_t* received = nullptr) {
        ObjectReader<T> reader(std::move(forms));
        bool has_begun = false;
        http::BodySink sink = [&](std::string_view piece) {
            // What broke off before its first byte was not too much: a smaller page would fail as well.
            has_begun = true;
            if (received != nullptr) *received += piece.size();
            return reader.write(piece);
        };
        std::optional<http::Client::Place> own;
        if (place == nullptr) place = &own.emplace(co_await client_->enter());
        const auto response = co_await client_->request_within(*place, std::move(request), std::move(sink));
        Asked<T> asked;
        if (!response) {
            asked.answer = failure(classify(response.error(), effect));
            asked.is_too_much = has_begun;
            co_return asked;
        }
        asked.status = response->status;
        asked.answer = judged(*response, reader.finish(), effect, wanted);
        asked.is_too_much = has_begun && (reader.end() == JsonStream::End::cut_off ||
                                          reader.end() == JsonStream::End::stopped);
        co_return asked;
    }

    /// A page that is too much at once is asked for again in smaller ones.
    template <class T>
    asio::awaitable<Answer<Page<T>>> list(std::string path, std::string after, std::string wanted) {
        const bool is_first = after.empty();
        const std::string from = is_first ? "" : "&after=" + http::percent_encode(after);
        Asked<Page<T>> asked;
        // A failed batch may bear tens of thousands of errors, and a hundred of these are more than we keep
        // in memory. One alone is never too much: it is cut.
        for (const std::size_t limit : {100U, 10U, 1U}) {
            Forms forms = forms_;
            forms.page_size = limit;
            asked = co_await ask<Page<T>>(get(path + "limit=" + std::to_string(limit) + from), Effect::none,
                                          wanted, nullptr, std::move(forms));
            if (asked.answer || !asked.is_too_much) break;
        }
        // Only from its beginning: behind an id, "not found" may be about that id.
        if (!asked.answer && is_first) co_return of_listing(asked.answer.error());
        co_return std::move(asked.answer);
    }

    /// It must be what was asked for: a cache may have mixed answers up.
    template <class T>
    Answer<T> about(const std::string& id, Answer<T> answer, Effect effect) const {
        if (!answer || answer->id == id) return answer;
        Failure other;
        other.kind = effect == Effect::possible ? FailureKind::doubt : FailureKind::unavailable;
        other.http_status = 200;
        other.message = "the answer is not about " + id + " but about " + answer->id;
        return failure(std::move(other));
    }

    std::unique_ptr<http::Client> client_;
    Wire wire_;
    config::Provider settings_;
    Forms forms_;
    FileWait file_wait_;
    const ApiKey& key_;
    Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Provider>> make_openai(const config::Provider& settings, const ApiKey& key,
                                              asio::any_io_executor executor, asio::thread_pool& pool,
                                              Clock& clock) {
    auto wire = Wire::make(settings);
    if (!wire) return wire.error();
    http::Client::Options options;
    options.origin = wire->origin();
    options.allow_plain_http = settings.allow_plain_http;
    options.ca_file = settings.ca_file;
    options.timeout = settings.timeout;
    options.connections_max = settings.max_connections;
    options.user_agent = "batchd/" BATCHD_VERSION;
    auto client = http::Client::create(std::move(options), std::move(executor), pool, clock);
    if (!client) return within("provider", client.error());
    return std::unique_ptr<Provider>(
        std::make_unique<OpenAi>(std::move(*client), std::move(*wire), settings, key, clock));
}

}  // namespace batchd::provider
