#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"

namespace batchd::sim {

/// What the synchronous endpoints have done. A request goes by its question, for it bears no id of its own.
struct Generations {
    std::map<std::string, std::uint64_t> runs;  ///< how often each was let in
    std::map<std::string, std::uint64_t> paid;  ///< and answered, whoever was still there to hear it
    std::uint64_t at_once = 0, at_once_max = 0;
    std::uint64_t refused = 0;  ///< not let in: too many at once, or a minute, or no model yet

    /// Of `a_minute` requests what is left now; takes one where there is one.
    struct Allowance {
        double left = 0;
        Millis next{};  ///< until there is one
        bool is_taken = false;
    };
    Allowance draw(std::uint64_t a_minute, Millis uptime);

    boost::json::object report() const;

private:
    double left_ = -1;  // nothing drawn yet
    Millis drawn_at_{};
};

}  // namespace batchd::sim
