#include "engine/lost_attempts.hpp"

#include <algorithm>
#include <cctype>

#include <fcntl.h>

#include "engine/listing.hpp"
#include "engine/look_back.hpp"
#include "engine/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::FailureKind;

namespace {

constexpr std::size_t kIdBytesMax = 256;

bool is_plain_id(std::string_view text) {
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= kIdBytesMax && std::all_of(text.begin(), text.end(), plain);
}

/// The id that was noted; nothing where there is no note that can be read.
std::optional<std::string> read_note(const Path& path) {
    auto text = read_file(path, kIdBytesMax + 1);
    if (!text) return std::nullopt;
    if (text->ends_with('\n')) text->pop_back();
    if (!is_plain_id(*text)) return std::nullopt;
    return std::move(*text);
}

}  // namespace

Path LostAttempts::note_of(const store::Batch& batch, const store::Job& job) const {
    return ports_.layout.shard_file(job.key, {batch.shard, batch.attempt}, spool::ShardFile::batch_id);
}

void LostAttempts::note(const store::Batch& batch, const store::Job& job, const std::string& batch_id) const {
    const auto file = open_file(note_of(batch, job), O_WRONLY | O_CREAT | O_TRUNC);
    const auto written = file ? write_all(file->get(), batch_id + "\n") : Result<void>(file.error());
    if (!written)
        ports_.journal.log(EventKind::waiting, {}, "noting a batch in work/: " + to_string(written.error()));
}

asio::awaitable<LostAttempts::Search> LostAttempts::look_for(const store::Batch& batch,
                                                             const store::Job& job) {
    if (absent_.contains(batch.id.value)) co_return Search{};
    if (auto noted = read_note(note_of(batch, job))) {
        std::string batch_id = std::move(*noted);
        co_return co_await ask_for(batch, std::move(batch_id));
    }
    if (!job.recovered_at) co_return Search{};
    co_return co_await look_through_listing(batch, job);
}

asio::awaitable<LostAttempts::Search> LostAttempts::ask_for(const store::Batch& batch, std::string batch_id) {
    auto object = co_await ports_.provider.retrieve(batch_id);
    Search search;
    if (object) {
        search.found = std::move(*object);
    } else if (object.error().kind == FailureKind::not_found) {
        // It was there, and what it ran may have been charged: on record it is `gone`, and not sent again.
        search.found.emplace();
        search.found->id = batch_id;
        search.found->status_word = "unknown";
        search.found->input_file_id = batch.input_file_id;
        search.found->created_at = batch.created_at;
    } else {
        search.wait = postponed(object.error(), "looking for a batch of before the database was lost");
    }
    co_return search;
}

asio::awaitable<LostAttempts::Search> LostAttempts::look_through_listing(const store::Batch& batch,
                                                                         const store::Job& job) {
    const std::int64_t row = batch.id.value;
    doubts_.try_emplace(row, ports_.clock.uptime(), ports_.settings.provider.list_lag);
    BatchSearch wanted{.key = batch.key, .input_file_id = {}};
    LookBack back(job.created_at, ports_.clock.now());
    auto extent = co_await walk_listing<BatchObject>(
        [this](std::string after) { return ports_.provider.list_batches(std::move(after)); },
        [&](const BatchObject& object) {
            wanted.not_before = back.not_before(object.created_at);
            return wanted.look_at(object, OnRecord::no);
        },
        kLookPagesMax);
    Search search;
    if (!extent) {
        search.wait = postponed(extent.error(), "looking for batches of before the database was lost");
        co_return search;
    }
    if (!wanted.found.empty()) {
        search.found = wanted.take_furthest();
        search.others = wanted.ids();
        co_return search;
    }
    if (*extent == Extent::cut_short) {
        search.wait = Postponed{.why = "the provider's list of batches is too long to look through"};
        co_return search;
    }
    const Doubt::Next next = doubts_.at(row).not_found(ports_.clock.uptime());
    if (next.believed_absent) {
        absent_.insert(row);
        doubts_.erase(row);
    } else {
        search.wait = Postponed{.why = "waiting until the provider's listing can be believed",
                                .until = Postponed::Until::delay,
                                .delay = next.look_again_in};
    }
    co_return search;
}

}  // namespace batchd::engine
