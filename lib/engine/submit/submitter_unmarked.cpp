// Whether batches that do not show whose they are were made by a create whose answer nobody has.

#include <optional>
#include <utility>

#include "engine/look/answer_fit.hpp"
#include "engine/submit/submitter.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::FailureKind;

namespace {

/// So many batches that show nothing of themselves are asked for by their ids.
constexpr std::size_t kNamelessMax = 20;
/// And so many of files that may be ours: all of them would be of one size, and of the same hours.
constexpr std::size_t kUnmarkedMax = 100;

}  // namespace

asio::awaitable<std::optional<BatchObject>> Submitter::object_of(std::string id, Named& named) {
    auto object = co_await ports_.provider.retrieve(std::move(id));
    if (object) co_return std::optional(std::move(*object));
    if (!provider::says_it_is_not_there(object.error()))
        named.wait = postponed(object.error(), "looking whether a create took effect");
    co_return std::nullopt;
}

asio::awaitable<Submitter::Named> Submitter::ask_for_nameless(const store::Batch& batch,
                                                              std::vector<std::string> ids) {
    Named named;
    const AskedBatch asked{batch.key, batch.input_file_id, batch.endpoint};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i == kNamelessMax) {
            named.unclear = ids[i];
            break;
        }
        // There are servers whose lists leave out the metadata that bears our mark, and who show it when
        // asked for one batch.
        auto object = co_await object_of(ids[i], named);
        if (named.wait) break;
        if (!object) continue;
        const Fit fit = fit_of(*object, asked);
        if (fit == Fit::ours) named.ours.push_back(std::move(*object));
        if (fit == Fit::unclear && object->input_file_id.empty()) named.unclear = ids[i];
    }
    co_return named;
}

asio::awaitable<provider::Answer<Fit>> Submitter::whose_file(const store::Batch& batch,
                                                             const std::string& file_id) {
    if (others_files_.contains({batch.id.value, file_id})) co_return Fit::foreign;
    const auto file = co_await ports_.provider.retrieve_file(file_id);
    if (file) {
        const SentFile sent{remote_name(batch), batch.size_bytes};
        const Fit fit = fit_of(*file, sent);
        if (fit == Fit::foreign) others_files_.emplace(batch.id.value, file_id);
        co_return fit;
    }
    const FailureKind kind = file.error().kind;
    const bool is_unknown = kind == FailureKind::not_found || kind == FailureKind::refused ||
                            kind == FailureKind::unsupported || kind == FailureKind::conflict;
    if (is_unknown) co_return Fit::unclear;
    co_return file.error();
}

asio::awaitable<Submitter::Named> Submitter::ask_for_unmarked(const store::Batch& batch,
                                                              std::vector<BatchObject> shown) {
    Named named;
    const AskedBatch asked{batch.key, batch.input_file_id, batch.endpoint};
    std::size_t count = 0;
    for (BatchObject& candidate : shown) {
        const auto known = ports_.store.batches.knows(candidate.id);
        if (!known) named.wait = postponed(known.error());
        if (!known) break;
        if (*known || others_files_.contains({batch.id.value, candidate.input_file_id})) continue;
        if (count++ == kUnmarkedMax) {
            named.unclear = candidate.id;
            break;
        }
        const auto fit = co_await whose_file(batch, candidate.input_file_id);
        if (!fit) {
            named.wait = postponed(fit.error(), "looking whether a create took effect");
            break;
        }
        if (*fit == Fit::ours) {
            named.ours.push_back(std::move(candidate));
            continue;
        }
        if (*fit != Fit::unclear) continue;
        // The list may hide what the batch itself shows.
        auto object = co_await object_of(candidate.id, named);
        if (named.wait) break;
        if (!object) continue;
        const Fit itself = fit_of(*object, asked);
        if (itself == Fit::ours) named.ours.push_back(std::move(*object));
        if (itself == Fit::unclear) named.unclear = candidate.id;
    }
    co_return named;
}

}  // namespace batchd::engine
