#pragma once

#include <cstdint>
#include <deque>
#include <memory>
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
    std::string account;
    std::uint64_t limit = 20;
    std::string after;
};

/// The batches of the account, in order of creation. References stay good: nothing is ever removed.
class BatchStore {
public:
    Batch& add(CreateRequest request, const Settings& settings, TimePoint now);
    /// A batch of somebody else in the account "", over and done with. `shown`: members that it shows instead
    /// of its own.
    Batch& plant(std::shared_ptr<const boost::json::object> shown, TimePoint created_at);
    /// Error: 404.
    Reply<Batch*> find(std::string_view id);
    /// Error: 404, also when it is another account's.
    Reply<Batch*> find_own(std::string_view account, std::string_view id);
    /// One page, newest first, as the API's list object. Error: 404 for an unknown cursor.
    Reply<boost::json::object> list(const BatchQuery& query, const Settings& settings, TimePoint now) const;

    std::vector<const Batch*> of_file(const std::string& input_file_id) const;
    /// When the account may make one more, where it may make `per_hour` in an hour; planted ones do not
    /// count.
    TimePoint room_at(const std::string& account, std::uint64_t per_hour) const;
    /// Tokens of unfinished batches of `model` that have passed validation.
    std::uint64_t running_tokens(const std::string& model) const;
    /// Tokens of all unfinished batches of `model`.
    std::uint64_t enqueued_tokens(const std::string& model) const;

    /// The batch with this number; nullptr where there is none yet.
    Batch* numbered(std::uint64_t number) {
        return number > 0 && number <= by_number_.size() ? by_number_[number - 1] : nullptr;
    }
    std::uint64_t next_number() const { return by_number_.size() + 1; }

    std::deque<Batch>& all() { return batches_; }
    const std::deque<Batch>& all() const { return batches_; }

private:
    /// Those of an account as a listing has them, the first one first.
    std::vector<const Batch*> listed(const BatchQuery& query, const Settings& settings, TimePoint now) const;

    Batch& keep(CreateRequest request, std::string id, TimePoint created_at);

    std::deque<Batch> batches_;
    std::vector<Batch*> by_number_;  ///< without those that were planted
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_file_;
};

/// `POST /batches/{id}/cancel`. Error: 409 where the batch has gone too far.
Reply<void> cancel(Batch& batch, const Settings& settings, TimePoint now);

}  // namespace batchd::sim
