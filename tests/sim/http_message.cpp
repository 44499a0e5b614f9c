#include "sim/http_message.hpp"

#include <algorithm>

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sim/chance.hpp"
#include "sim/header_params.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

std::string_view value_of(const std::map<std::string, std::string>& map, const std::string& name) {
    const auto found = map.find(name);
    return found == map.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> decode_query(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decode(spaced);
}

}  // namespace

std::string_view RequestHead::field(const std::string& name) const {
    return value_of(fields, name);
}
std::string_view RequestHead::parameter(const std::string& name) const {
    return value_of(query, name);
}

bool read_target(std::string_view target, RequestHead& into) {
    into.target = std::string(target);
    const auto mark = std::min(target.find('?'), target.size());
    auto path = percent_decode(target.substr(0, mark));
    if (!path) return false;
    into.path = std::move(*path);
    std::string_view rest = target.substr(std::min(mark + 1, target.size()));
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decode_query(pair.substr(0, equals));
        auto value = decode_query(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return false;
        into.query[std::move(*name)] = std::move(*value);
    }
    return true;
}

Response json_response(unsigned status, const json::value& body) {
    return {.status = status,
            .fields = {{"Content-Type", "application/json"}},
            .body = json::serialize(body),
            .file = {}};
}

Response error_response(const ApiError& error, Envelope envelope) {
    return json_response(error.status, to_json(error, envelope));
}

std::string wire_head(const Response& response, std::uint64_t content_length, RequestHead::After after) {
    const auto reason =
        boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason) + "\r\n";
    for (const auto& [name, value] : response.fields) head += name + ": " + value + "\r\n";
    head += "x-request-id: req_" + random_hex(32) + "\r\nopenai-version: 2020-10-01\r\n";
    if (after == RequestHead::After::close) head += "Connection: close\r\n";
    if (response.status != 204 && response.status != 304)
        head += "Content-Length: " + std::to_string(content_length) + "\r\n";
    return head += "\r\n";
}

}  // namespace batchd::sim
