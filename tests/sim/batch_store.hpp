#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/api_error.hpp"
#include "sim/batch.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// What `GET /batches` asks for.
struct BatchQuery {
    std::uint64_t limit = 20;
    std::string after;
};

/// The batches of the account, in order of creation. References stay good: nothing is ever removed.
class BatchStore {
public:
    /// `enqueued_*`: what the batch counts for under a token limit.
    Batch& add(CreateRequest request, const Settings& settings, TimePoint now);
    /// Error: 404.
    Reply<Batch*> find(std::string_view id);
    /// One page, newest first, as the API's list object. Error: 404 for an unknown cursor.
    Reply<boost::json::object> list(const BatchQuery& query, const Settings& settings, TimePoint now) const;

    std::vector<const Batch*> of_file(const std::string& input_file_id) const;
    /// Tokens of unfinished batches of `model` that have passed validation.
    std::uint64_t running_tokens(const std::string& model) const;
    /// Tokens of all unfinished batches of `model`.
    std::uint64_t enqueued_tokens(const std::string& model) const;

    std::deque<Batch>& all() { return batches_; }
    const std::deque<Batch>& all() const { return batches_; }

private:
    std::size_t first_position(const BatchQuery& query, std::size_t cursor, const Settings& settings) const;

    std::deque<Batch> batches_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_file_;
};

/// `POST /batches/{id}/cancel`. Error: 409 where the batch has gone too far.
Reply<void> cancel(Batch& batch, const Settings& settings, TimePoint now);

}  // namespace batchd::sim
