#include "engine/look/whose_batch.hpp"

#include "base/log.hpp"
#include "engine/look/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

asio::awaitable<Fit> whose_batch(provider::Provider& provider, store::Batch batch,
                                 provider::BatchObject object) {
    const AskedBatch asked{batch.key, batch.input_file_id, batch.endpoint};
    const Fit fit = fit_of(object, asked);
    if (fit != Fit::unclear || object.input_file_id.empty()) co_return fit;
    // By its name, which bears our mark where the batch does not show it.
    const auto file = co_await provider.retrieve_file(object.input_file_id);
    if (!file) co_return Fit::unclear;
    const SentFile sent{remote_name(batch), batch.size_bytes};
    co_return fit_of(*file, sent);
}

bool hides_itself(Fit fit, const store::Batch& batch, const provider::BatchObject& object) {
    return fit == Fit::unclear && batch.recognised && !object.input_file_id.empty();
}

provider::Failure shows_another_batch(const provider::BatchObject& object) {
    std::string message = "it is answered with the object of another batch";
    if (const std::string* const mark = find_mark(object)) message += ", marked " + printable(*mark);
    if (!object.input_file_id.empty()) message += ", made of " + printable(object.input_file_id);
    return {.kind = provider::FailureKind::unavailable, .message = std::move(message)};
}

}  // namespace batchd::engine
