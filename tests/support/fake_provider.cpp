#include "support/fake_provider.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::testing {

namespace asio = boost::asio;
using provider::Answer;
using provider::BatchObject;
using provider::Failure;
using provider::FailureKind;
using provider::FileObject;
using provider::Page;

namespace {

constexpr std::size_t kPage = 100;

Failure not_found() {
    return {.kind = FailureKind::not_found,
            .http_status = 404,
            .message = "no such object",
            .in_own_words = true};
}

/// The page of `all`, newest first, behind the item `after`.
template <class Item>
Page<Item> page_after(const std::vector<Item>& all, const std::string& after) {
    Page<Item> page;
    bool begun = after.empty();
    for (auto item = all.rbegin(); item != all.rend(); ++item) {
        if (begun && page.items.size() == kPage) {
            page.has_more = true;
            break;
        }
        if (begun)
            page.items.push_back(*item);
        else
            begun = item->id == after;
    }
    return page;
}

bool has_run(const std::string& error_line) {
    return error_line.find("\"batch_expired\"") == std::string::npos &&
           error_line.find("\"batch_cancelled\"") == std::string::npos;
}

}  // namespace

void FakeProvider::fail(Call call, unsigned nth, Failure failure, Took took) {
    faults_[call][count(call) + nth] = Fault{std::move(failure), took};
}

void FakeProvider::fail_always(Call call, Failure failure) {
    lasting_faults_[call] = Fault{std::move(failure), Took::no_effect};
}

void FakeProvider::clear_failures() {
    faults_.clear();
    lasting_faults_.clear();
}

void FakeProvider::finish(const std::string& batch_id, const Finish& how) {
    const std::string output = store_lines(how.output);
    const std::string errors = store_lines(how.errors);
    BatchObject& ended = batch(batch_id);
    ended.output_file_id = output;
    ended.error_file_id = errors;
    ended.errors = how.refusals;
    ended.completed = how.output.size();
    ended.failed = static_cast<std::uint64_t>(std::count_if(how.errors.begin(), how.errors.end(), has_run));
    ended.ended_at = clock_.now();
    set_status(batch_id, how.status);
}

void FakeProvider::answer_all(const std::string& batch_id) {
    Finish how;
    std::istringstream lines(content(batch(batch_id).input_file_id));
    for (std::string line; std::getline(lines, line);)
        how.output.insert(how.output.begin(), result_row(jsonl::prepared_custom_id(line).value()));
    finish(batch_id, how);
}

void FakeProvider::set_status(const std::string& batch_id, const std::string& word) {
    BatchObject& object = batch(batch_id);
    object.status_word = word;
    object.status = provider::parse_status(word);
}

BatchObject& FakeProvider::add_batch(const std::string& key, const std::string& input_file_id) {
    BatchObject object;
    object.id = "batch_" + std::to_string(++batches_made_);
    object.status_word = "validating";
    object.status = provider::BatchStatus::validating;
    object.input_file_id = input_file_id;
    object.created_at = clock_.now();
    object.expires_at = clock_.now() + std::chrono::hours(24);
    if (!key.empty()) object.metadata["batchd_key"] = key;
    batches_.push_back(std::move(object));
    return batches_.back();
}

void FakeProvider::forget_batch(const std::string& batch_id) {
    std::erase_if(batches_, [&](const BatchObject& object) { return object.id == batch_id; });
}

void FakeProvider::forget_file(const std::string& file_id) {
    std::erase_if(files_, [&](const File& file) { return file.object.id == file_id; });
}

std::size_t FakeProvider::count(Call call) const {
    return static_cast<std::size_t>(
        std::count_if(calls.begin(), calls.end(), [&](const MadeCall& made) { return made.call == call; }));
}

BatchObject& FakeProvider::batch(const std::string& batch_id) {
    const auto found = std::find_if(batches_.begin(), batches_.end(),
                                    [&](const BatchObject& object) { return object.id == batch_id; });
    if (found == batches_.end()) throw std::runtime_error("no batch " + batch_id);
    return *found;
}

const std::string& FakeProvider::content(const std::string& file_id) const {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const File& file) { return file.object.id == file_id; });
    if (found == files_.end()) throw std::runtime_error("no file " + file_id);
    return found->content;
}

std::size_t FakeProvider::count_paid() const {
    using provider::BatchStatus;
    return static_cast<std::size_t>(
        std::count_if(batches_.begin(), batches_.end(), [](const BatchObject& object) {
            return object.status != BatchStatus::failed && object.status != BatchStatus::cancelled &&
                   object.status != BatchStatus::cancelling;
        }));
}

asio::awaitable<std::optional<FakeProvider::Fault>> FakeProvider::enter(Call call, std::string subject) {
    asked_for = subject;
    if (on_call) on_call(call);
    calls.push_back(MadeCall{call, std::move(subject)});
    const std::size_t number = count(call);
    if (const auto takes = latency.find(call); takes != latency.end())
        co_await clock_.sleep_for(takes->second);
    end_what_has_run();
    if (const auto lasting = lasting_faults_.find(call); lasting != lasting_faults_.end())
        co_return lasting->second;
    const auto& faults = faults_[call];
    const auto found = faults.find(number);
    if (found == faults.end()) co_return std::nullopt;
    co_return found->second;
}

std::string FakeProvider::add_file(std::string filename, std::string content) {
    File file;
    file.object.id = "file-" + std::to_string(++files_made_);
    file.object.filename = std::move(filename);
    file.object.size_bytes = content.size();
    file.object.created_at = clock_.now();
    file.content = std::move(content);
    files_.push_back(std::move(file));
    return files_.back().object.id;
}

std::string FakeProvider::store_lines(const std::vector<std::string>& lines) {
    if (lines.empty()) return {};
    std::string content;
    for (const std::string& line : lines) content += line + "\n";
    return add_file("result.jsonl", std::move(content));
}

void FakeProvider::end_what_has_run() {
    if (!run_time) return;
    std::vector<std::string> ended;
    for (const BatchObject& object : batches_)
        if (!provider::is_terminal(object.status) && object.created_at + *run_time <= clock_.now())
            ended.push_back(object.id);
    for (const std::string& id : ended) answer_all(id);
}

asio::awaitable<provider::Turn> FakeProvider::enter(provider::CallKind kind) {
    if (before_turn) co_await before_turn(kind);
    co_return provider::Turn();
}

asio::awaitable<void> FakeProvider::drain() {
    ++drains;
    if (drain_time > Millis(0)) co_await clock_.sleep_for(drain_time);
}

asio::awaitable<Answer<FileObject>> FakeProvider::retrieve_file(std::string file_id) {
    const auto fault = co_await enter(Call::retrieve_file, file_id);
    if (fault) co_return fault->failure;
    for (const File& file : files_) {
        if (file.object.id != file_id) continue;
        FileObject object = file.object;
        if (hides_sizes) object.size_bytes = 0;
        co_return object;
    }
    co_return not_found();
}

asio::awaitable<Answer<FileObject>> FakeProvider::upload(provider::Turn, Path path, std::string filename) {
    const auto fault = co_await enter(Call::upload, filename);
    if (fault && fault->took == Took::no_effect) co_return fault->failure;
    const auto there = jsonl::row_file_exists(path);
    if (!there || !*there)
        co_return Failure{.kind = FailureKind::local, .message = path.string() + " is not there"};
    add_file(filename, texts_of(path));
    FileObject object = files_.back().object;
    for (const File& file : files_)
        if (file.object.id == answer_upload_with) object = file.object;
    if (const auto takes = answer_latency.find(Call::upload); takes != answer_latency.end())
        co_await clock_.sleep_for(takes->second);
    if (fault) co_return fault->failure;
    co_return object;
}

asio::awaitable<Answer<Page<FileObject>>> FakeProvider::list_files(std::string after) {
    const auto fault = co_await enter(Call::list_files, after);
    if (fault) co_return fault->failure;
    std::vector<FileObject> listed;
    for (const File& file : files_)
        if (is_listed(file.object.created_at)) listed.push_back(file.object);
    co_return page_after(listed, after);
}

asio::awaitable<Answer<std::uint64_t>> FakeProvider::download(std::string file_id, Path path) {
    const auto fault = co_await enter(Call::download, file_id);
    if (fault) co_return fault->failure;
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const File& file) { return file.object.id == file_id; });
    if (found == files_.end()) co_return not_found();
    std::string content = found->content;
    if (!bad_downloads.empty()) {
        content = bad_downloads.front();
        bad_downloads.pop_front();
    }
    if (auto written = replace_file(path, content); !written)
        co_return Failure{.kind = FailureKind::local, .message = to_string(written.error())};
    co_return content.size();
}

asio::awaitable<Answer<bool>> FakeProvider::delete_file(std::string file_id) {
    const auto fault = co_await enter(Call::delete_file, file_id);
    if (fault) co_return fault->failure;
    const std::size_t before = files_.size();
    forget_file(file_id);
    if (files_.size() == before) co_return not_found();
    co_return true;
}

asio::awaitable<Answer<BatchObject>> FakeProvider::create(provider::Turn, provider::NewBatch batch) {
    const auto fault = co_await enter(Call::create, batch.input_file_id);
    if (fault && fault->took == Took::no_effect) co_return fault->failure;
    BatchObject& made = add_batch("", batch.input_file_id);
    made.endpoint = batch.endpoint;
    made.metadata = batch.metadata;
    BatchObject object = answer_create_with.empty() ? made : this->batch(answer_create_with);
    if (const auto takes = answer_latency.find(Call::create); takes != answer_latency.end())
        co_await clock_.sleep_for(takes->second);
    if (fault) co_return fault->failure;
    co_return object;
}

asio::awaitable<Answer<BatchObject>> FakeProvider::retrieve(std::string batch_id) {
    const auto fault = co_await enter(Call::retrieve, batch_id);
    if (fault) co_return fault->failure;
    for (const BatchObject& object : batches_)
        if (object.id == batch_id) co_return object;
    co_return not_found();
}

asio::awaitable<Answer<Page<BatchObject>>> FakeProvider::list_batches(std::string after) {
    const auto fault = co_await enter(Call::list_batches, after);
    if (fault) co_return fault->failure;
    std::vector<BatchObject> listed;
    for (const BatchObject& object : batches_)
        if (is_listed(object.created_at)) listed.push_back(object);
    co_return page_after(listed, after);
}

asio::awaitable<Answer<BatchObject>> FakeProvider::cancel(std::string batch_id) {
    const auto fault = co_await enter(Call::cancel, batch_id);
    if (fault) co_return fault->failure;
    for (const BatchObject& object : batches_) {
        if (object.id != batch_id) continue;
        if (provider::is_terminal(object.status))
            co_return Failure{.kind = FailureKind::conflict,
                              .http_status = 409,
                              .message = "is over",
                              .in_own_words = true};
        set_status(batch_id, "cancelling");
        co_return batch(batch_id);
    }
    co_return not_found();
}

std::string result_row(std::string_view custom_id, unsigned status_code) {
    const std::string id(custom_id);
    const std::string status = std::to_string(status_code);
    return R"({"id":"r","custom_id":")" + id + R"(","response":{"status_code":)" + status +
           R"(,"request_id":"q","body":{"usage":{"prompt_tokens":3,"completion_tokens":2}}},"error":null})";
}

std::string error_row(std::string_view custom_id, std::string_view code) {
    return R"({"id":"r","custom_id":")" + std::string(custom_id) + R"(","response":null,"error":{"code":")" +
           std::string(code) + R"(","message":"did not run"}})";
}

Failure failure(FailureKind kind) {
    return {.kind = kind, .message = std::string(provider::to_string(kind))};
}

Failure in_own_words(FailureKind kind) {
    Failure said = failure(kind);
    said.in_own_words = true;
    return said;
}

}  // namespace batchd::testing
