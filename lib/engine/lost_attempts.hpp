#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/doubt.hpp"
#include "engine/ports.hpp"
#include "engine/worker.hpp"

namespace batchd::engine {

/// Attempts that the database takes for new, and that the provider may have all the same: the database was
/// lost and built again, or is an old copy. They are looked for before they are sent, for what they cost was
/// paid.
class LostAttempts {
public:
    explicit LostAttempts(Ports& ports) : ports_(ports) {}

    struct Search {
        Progress wait{};                               ///< it can't be told yet
        std::optional<provider::BatchObject> found{};  ///< to be adopted
        std::vector<std::string> others{};             ///< more with the same mark: to be cancelled
    };

    /// Looks in work/, where the batch's id was noted, then in the provider's listings back to when the file
    /// was claimed: twice, and beyond list_lag. Finds nothing, at no cost, for an attempt that is really new.
    boost::asio::awaitable<Search> look_for(const store::Batch& batch, const store::Job& job);

    /// Notes the batch's id in work/. It need not be durable: it is for the day on which the database is
    /// lost, and the listings have it too.
    void note(const store::Batch& batch, const store::Job& job, const std::string& batch_id) const;

private:
    Path note_of(const store::Batch& batch, const store::Job& job) const;
    boost::asio::awaitable<Search> ask_for(const store::Batch& batch, std::string batch_id);
    boost::asio::awaitable<Search> look_through_listing(const store::Batch& batch, const store::Job& job);

    Ports& ports_;
    std::set<std::int64_t> absent_;  // looked for, and not there
    std::map<std::int64_t, Doubt> doubts_;
};

}  // namespace batchd::engine
