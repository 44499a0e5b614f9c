#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace batchd::engine {

/// Keeps the estimated tokens that are enqueued for each model under its limit. What the provider has is
/// counted from the database; what is on its way there is admitted here.
class Admission {
public:
    struct Request {
        std::int64_t row = 0;
        std::string model;
        std::uint64_t tokens = 0;
        std::uint64_t enqueued = 0;            ///< tokens of the model that the provider has
        std::optional<std::uint64_t> limit{};  ///< of the model
    };
    /// True when the batch may go now; it then counts until it is let go. A batch that is larger than the
    /// limit goes alone: waiting would not make it smaller.
    bool admit(const Request& request);
    /// The batch is on record as enqueued, or has stopped on its way.
    void let_go(std::int64_t row);

private:
    /// Let in, and not yet counted by the database.
    struct Admitted {
        std::string model;
        std::uint64_t tokens = 0;
    };
    std::map<std::int64_t, Admitted> admitted_;
};

}  // namespace batchd::engine
