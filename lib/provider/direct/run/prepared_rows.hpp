#pragma once

#include <deque>

#include "jsonl/rows/row_file.hpp"
#include "provider/direct/run/request_source.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::provider::direct {

/// The requests of a row file of prepared lines (see jsonl::append_prepared), read some at a time.
class PreparedRows final : public RequestSource {
public:
    /// `pool` must outlive this, and this the call of next() that is under way.
    PreparedRows(jsonl::RowFileReader reader, boost::asio::thread_pool& pool);

    /// A row whose text is damaged comes as such, and those after it as ever. Errors: errno; corrupt where
    /// the index is.
    boost::asio::awaitable<Result<std::optional<RowRequest>>> next(const Replay& done) override;

private:
    /// Some rows ahead. Blocking; for the pool.
    Result<void> read_more(const Replay& done);
    /// The row that the reader has come to, which is `ref`.
    Result<RowRequest> read_row(const jsonl::RowRef& ref);

    jsonl::RowFileReader reader_;
    boost::asio::thread_pool& pool_;
    std::deque<RowRequest> read_;
    bool is_at_end_ = false;
};

/// A prepared line as a request, its body as it stands there, but that one for /v1/responses has no
/// "background". Errors: corrupt where it is none.
Result<RowRequest> request_of(const jsonl::Row& row);

}  // namespace batchd::provider::direct
