#include "provider/no_provider.hpp"

#include <utility>

namespace batchd::provider {
namespace {

namespace asio = boost::asio;

class NoProvider final : public Provider {
public:
    explicit NoProvider(std::string name) : name_(std::move(name)) {}

    Identity identity() const override { return {}; }
    asio::awaitable<Answer<void>> knock() override { co_return failure(); }
    asio::awaitable<Turn> enter(CallKind) override { co_return Turn(); }
    asio::awaitable<Answer<FileObject>> upload(Turn, Path, std::string) override { co_return failure(); }
    asio::awaitable<Answer<FileObject>> retrieve_file(std::string) override { co_return failure(); }
    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string) override { co_return failure(); }
    asio::awaitable<Answer<std::uint64_t>> download(std::string, Path) override { co_return failure(); }
    asio::awaitable<Answer<bool>> delete_file(std::string) override { co_return failure(); }
    asio::awaitable<Answer<BatchObject>> create(Turn, NewBatch) override { co_return failure(); }
    asio::awaitable<Answer<BatchObject>> retrieve(std::string) override { co_return failure(); }
    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string) override { co_return failure(); }
    asio::awaitable<Answer<BatchObject>> cancel(std::string) override { co_return failure(); }

private:
    Failure failure() const {
        Failure none;
        // Nothing was sent, so that nothing is in doubt, and everything waits.
        none.kind = FailureKind::unreachable;
        none.message = "the configuration has no [provider." + name_ + "]: put it back";
        return none;
    }

    std::string name_;
};

}  // namespace

std::shared_ptr<Provider> make_no_provider(std::string name) {
    return std::make_shared<NoProvider>(std::move(name));
}

}  // namespace batchd::provider
