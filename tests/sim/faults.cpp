#include "sim/faults.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sim/header_params.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, FaultAction>, 15> kActions = {{
    {"delay", FaultAction::delay},
    {"status", FaultAction::status},
    {"status_after", FaultAction::status_after},
    {"reset_before", FaultAction::reset_before},
    {"reset_after", FaultAction::reset_after},
    {"stall_before", FaultAction::stall_before},
    {"stall_after", FaultAction::stall_after},
    {"truncate", FaultAction::truncate},
    {"stall_body", FaultAction::stall_body},
    {"trickle", FaultAction::trickle},
    {"garbage_body", FaultAction::garbage_body},
    {"gzip", FaultAction::gzip},
    {"wrong_length", FaultAction::wrong_length},
    {"half", FaultAction::half},
    {"chunk_cut", FaultAction::chunk_cut},
}};

Error bad(std::string_view key, std::string_view right) {
    return error(Errc::bad_input, "fault: " + std::string(key) + " must be " + std::string(right));
}

template <class Number>
Result<void> read_number(const json::object& from, std::string_view key, Number& into) {
    const json::value* const value = from.if_contains(key);
    if (value == nullptr) return {};
    boost::system::error_code ec;
    const auto number = value->to_number<Number>(ec);
    if (ec) return bad(key, "a number in range");
    into = number;
    return {};
}

Result<void> read_action(const json::object& from, Fault& fault) {
    const json::value* const word = from.if_contains("action");
    std::string known;
    for (const auto& [name, action] : kActions) {
        if (word != nullptr && word->is_string() && word->get_string() == name) {
            fault.action = action;
            return {};
        }
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    if (word != nullptr && *word == "redirect") {
        fault.action = FaultAction::status;
        fault.answer.status = 302;
        return {};
    }
    return bad("action", "one of redirect, " + known);
}

/// The body: an object or array is sent as JSON, a string as it is, with a Content-Type that fits.
void read_body(const json::object& from, Response& answer) {
    const auto typed = [&](const char* type) {
        for (const auto& [name, value] : answer.fields)
            if (to_lower(name) == "content-type") return;
        answer.fields.emplace_back("Content-Type", type);
    };
    const json::value* const body = from.if_contains("body");
    if (body == nullptr) {
        const ApiError error{.status = answer.status,
                             .message = "A fault of the simulation.",
                             .param = "",
                             .code = "",
                             .type = answer.status >= 500 ? "server_error" : "invalid_request_error"};
        answer.body = json::serialize(to_json(error, Envelope::plain));
        typed("application/json");
    } else if (body->is_string()) {
        answer.body = std::string(body->get_string());
        answer.fields.emplace_back("Content-Type",
                                   answer.body.starts_with("<") ? "text/html" : "application/json");
    } else {
        answer.body = json::serialize(*body);
        typed("application/json");
    }
}

Result<void> read_answer(const json::object& from, Response& answer) {
    std::uint64_t status = answer.status == 200 ? 500 : answer.status;
    if (auto ok = read_number(from, "status", status); !ok) return ok;
    if (status < 200 || status > 599) return bad("status", "from 200 to 599");
    answer.status = static_cast<unsigned>(status);
    if (const json::value* location = from.if_contains("location");
        location != nullptr && location->is_string())
        answer.fields.emplace_back("Location", location->get_string());
    if (const json::value* headers = from.if_contains("headers")) {
        if (!headers->is_object()) return bad("headers", "an object of strings");
        for (const auto& [name, value] : headers->get_object()) {
            if (!value.is_string()) return bad("headers", "an object of strings");
            answer.fields.emplace_back(name, value.get_string());
        }
    }
    read_body(from, answer);
    return {};
}

constexpr std::array<std::string_view, 15> kRuleFields = {"query", "batch",    "lasts",   "route",  "skip",
                                                          "times", "action",   "seconds", "status", "headers",
                                                          "body",  "location", "bytes",   "delta",  "early"};

/// A value, or an array of them.
json::array as_list(const json::value& value) {
    return value.is_array() ? value.get_array() : json::array{value};
}

Result<void> read_routes(const json::object& from, Fault& fault) {
    const json::value* const route = from.if_contains("route");
    if (route != nullptr)
        for (const json::value& item : as_list(*route))
            if (item.is_string()) fault.routes.emplace_back(item.get_string());
    if (fault.routes.empty()) return bad("route", "such as \"POST /v1/batches\", or an array of such");
    return {};
}

/// Which requests it hits.
Result<void> read_scope(const json::object& from, Fault& fault) {
    if (auto ok = read_routes(from, fault); !ok) return ok;
    if (const json::value* const query = from.if_contains("query")) {
        if (!query->is_string()) return bad("query", "the name of a parameter");
        fault.query = std::string(query->get_string());
    }
    if (const json::value* const batch = from.if_contains("batch"))
        for (const json::value& item : as_list(*batch)) {
            boost::system::error_code ec;
            fault.batches.insert(item.to_number<std::uint64_t>(ec));
            if (ec) return bad("batch", "a number, or an array of them");
        }
    double lasts = 0;
    if (auto ok = read_number(from, "lasts", lasts); !ok) return ok;
    if (lasts <= 0) return {};
    fault.lasts = seconds_to_millis(lasts);
    fault.times = -1;
    return {};
}

Result<Fault> parse(const json::object& from) {
    for (const auto& [key, value] : from)
        if (std::find(kRuleFields.begin(), kRuleFields.end(), std::string_view(key)) == kRuleFields.end())
            return error(Errc::bad_input, "fault: there is no key \"" + std::string(key) + "\"");
    Fault fault;
    if (auto ok = read_scope(from, fault); !ok) return ok.error();
    if (auto ok = read_action(from, fault); !ok) return ok.error();
    if (auto ok = read_number(from, "skip", fault.skip); !ok) return ok.error();
    if (auto ok = read_number(from, "times", fault.times); !ok) return ok.error();
    if (auto ok = read_number(from, "seconds", fault.seconds); !ok) return ok.error();
    if (auto ok = read_number(from, "bytes", fault.bytes); !ok) return ok.error();
    if (auto ok = read_number(from, "delta", fault.delta); !ok) return ok.error();
    const json::value* const early = from.if_contains("early");
    if (early != nullptr && *early == true) fault.body = Fault::Body::leave;
    if (auto ok = read_answer(from, fault.answer); !ok) return ok.error();
    return fault;
}

std::string_view take_segment(std::string_view& rest) {
    if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

bool fits(const Fault& fault, const Subject& subject) {
    const auto matches = [&](const std::string& route) {
        return route_matches(route, subject.method, subject.path);
    };
    if (std::none_of(fault.routes.begin(), fault.routes.end(), matches)) return false;
    if (!fault.query.empty() && (subject.query == nullptr || !subject.query->contains(fault.query)))
        return false;
    return fault.batches.empty() || fault.batches.contains(subject.batch);
}

}  // namespace

bool route_matches(std::string_view route, std::string_view method, std::string_view path) {
    if (route == "*") return true;
    const auto space = route.find(' ');
    if (space == std::string_view::npos) return false;
    const std::string_view wanted = route.substr(0, space);
    if (wanted != "*" && wanted != method) return false;
    std::string_view pattern = route.substr(space + 1);
    while (!pattern.empty() && !path.empty()) {
        const std::string_view expected = take_segment(pattern);
        const std::string_view segment = take_segment(path);
        if (expected != "*" && expected != segment) return false;
    }
    return pattern.empty() && path.empty();
}

Result<void> Faults::add(const json::value& description) {
    if (!description.is_object()) return error(Errc::bad_input, "a fault must be an object");
    auto fault = parse(description.get_object());
    if (!fault) return fault.error();
    faults_.push_back(std::move(*fault));
    return {};
}

std::optional<Fault> Faults::take(const Subject& subject) {
    for (Fault& fault : faults_) {
        if (fault.times == 0 || !fits(fault, subject)) continue;
        if (fault.until && subject.now >= *fault.until) continue;
        if (fault.skip > 0) {
            --fault.skip;
            continue;
        }
        if (fault.lasts && !fault.until) fault.until = subject.now + *fault.lasts;
        if (fault.times > 0) --fault.times;
        return fault;
    }
    return std::nullopt;
}

}  // namespace batchd::sim
