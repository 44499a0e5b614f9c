#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sim/http_message.hpp"

namespace batchd::sim {

/// What goes wrong with a request.
enum class FaultAction {
    delay,         ///< answered as always, `seconds` later
    status,        ///< has no effect, answered with `answer`
    status_after,  ///< takes effect, answered with `answer` all the same: a proxy that gave up
    reset_before,  ///< the connection is reset before anything happens
    reset_after,   ///< takes effect, then the connection is reset
    stall_before,  ///< no effect, never answered
    stall_after,   ///< takes effect, never answered
    truncate,      ///< announces the full Content-Length, sends `bytes` of it, closes
    stall_body,    ///< likewise, but then neither sends nor closes
    trickle,       ///< sends the body with `bytes` a second
    garbage_body,  ///< takes effect, answers 200 with JSON that can't be read
    gzip,          ///< claims Content-Encoding: gzip for a plain body
    wrong_length,  ///< announces `delta` bytes more (then closes) or fewer than it sends
    half,          ///< takes effect, sends the first half of its body under a Content-Length that fits
    chunk_cut,     ///< chunked coding that breaks off after `bytes`
};

struct Fault {
    std::vector<std::string> routes;  ///< "POST /v1/batches", "GET /v1/files/*/content", "*"
    std::string query;                ///< only with this parameter, such as "after"; "": any
    std::set<std::uint64_t> batches;  ///< only what is about these batches, counted from 1; none: any
    std::optional<Millis> lasts;      ///< from the first request that it hits
    std::optional<TimePoint> until;   ///< which has come then
    std::uint64_t skip = 0;           ///< matching requests to let through first
    std::int64_t times = 1;           ///< how many to hit after these; -1: all
    FaultAction action = FaultAction::status;
    double seconds = 0;
    Response answer;
    std::uint64_t bytes = 0;
    std::int64_t delta = 0;
    enum class Body {
        read,
        leave
    } body = Body::read;  ///< leave: answered before the request's body was read
};

/// A request, as far as faults tell requests apart.
struct Subject {
    std::string_view method, path;
    const std::map<std::string, std::string>* query = nullptr;  ///< nullptr: none
    std::uint64_t batch = 0;  ///< the number of the batch it is about, or would make; 0: none
    TimePoint now{};
};

/// The faults in force, first come first served.
class Faults {
public:
    /// Reads a fault from JSON. Errors: bad_input, with the key and what would be right.
    Result<void> add(const boost::json::value& description);
    void clear() { faults_.clear(); }
    bool empty() const { return faults_.empty(); }
    std::size_t size() const { return faults_.size(); }
    /// The fault that hits this request, if any; counts it.
    std::optional<Fault> take(const Subject& subject);

private:
    std::vector<Fault> faults_;
};

/// Whether "METHOD /path" fits a route, in which `*` stands for one segment, or alone for everything.
bool route_matches(std::string_view route, std::string_view method, std::string_view path);

}  // namespace batchd::sim
