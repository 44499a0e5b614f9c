#include "http/content/form_source.hpp"

#include "base/uuid.hpp"

namespace batchd::http {

namespace asio = boost::asio;

Result<FormSource> open_form_source(const Form& form) {
    auto content = form.open();
    if (!content) return content.error();
    // A boundary that nobody can guess, so that nobody can put it into a file.
    return FormSource{std::move(*content), frame(form, "batchd-" + random_key())};
}

asio::awaitable<Outcome<void>> send_form(Connection& connection, const FormSource& source) {
    if (auto sent = co_await connection.write_all(source.frame.prologue); !sent)
        co_return transport_error(Phase::sent, sent.error());
    for (std::uint64_t left = source.content->size_bytes(); left > 0;) {
        const auto block = source.content->next();
        if (!block) co_return transport_error(Phase::local, block.error());
        // With a byte more or less the peer would take what follows for something else.
        if (block->empty() || block->size() > left)
            co_return transport_error(
                Phase::local, error(Errc::changed, "the file became another one while it was being sent"));
        if (auto sent = co_await connection.write_all(*block); !sent)
            co_return transport_error(Phase::sent, sent.error());
        left -= block->size();
    }
    if (auto sent = co_await connection.write_all(source.frame.epilogue); !sent)
        co_return transport_error(Phase::sent, sent.error());
    co_return Outcome<void>();
}

}  // namespace batchd::http
