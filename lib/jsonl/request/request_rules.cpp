#include "jsonl/request/request_rules.hpp"

#include <set>

#include <boost/json/parse.hpp>

#include "jsonl/json_fields.hpp"
#include "jsonl/quote.hpp"

namespace batchd::jsonl {
namespace {

/// The key of a field, without the escapes that it may be written with.
std::string key_of(std::string_view field) {
    std::size_t end = 1;
    while (field[end] != '"') end += field[end] == '\\' ? 2U : 1U;
    const std::string_view raw = field.substr(1, end - 1);
    if (raw.find('\\') == std::string_view::npos) return std::string(raw);
    boost::json::error_code ec;
    const auto key = boost::json::parse({field.data(), end + 1}, ec);
    return ec || !key.is_string() ? std::string(raw) : std::string(key.get_string());
}

std::string text_of(std::string_view json) {
    boost::json::error_code ec;
    const auto value = boost::json::parse({json.data(), json.size()}, ec);
    return ec || !value.is_string() ? std::string() : std::string(value.get_string());
}

}  // namespace

std::string_view sent_model(const RequestDefaults& rules, std::string_view model) {
    const auto found = rules.models.find(model);
    return found == rules.models.end() ? model : std::string_view(found->second);
}

std::string sent_url(const RequestDefaults& rules, std::string_view url) {
    const std::pair<const std::string, std::string>* best = nullptr;
    for (const auto& rule : rules.line_urls)
        // The longest rule counts, so that a special case can stand beside the general one.
        if (url.starts_with(rule.first) && (best == nullptr || rule.first.size() > best->first.size()))
            best = &rule;
    if (best == nullptr) return std::string(url);
    return best->second + std::string(url.substr(best->first.size()));
}

std::string sent_body(const RequestDefaults& rules, std::string_view body) {
    std::string sent = "{";
    std::set<std::string> own;
    const auto add = [&](std::string_view field) {
        if (sent.size() > 1) sent += ',';
        sent += field;
    };
    for (JsonFields fields(body); fields.next();) {
        const std::string_view field = fields.field();
        const std::string key = key_of(field);
        const std::string model = key == "model" ? text_of(fields.value()) : std::string();
        const std::string_view other = sent_model(rules, model);
        own.insert(key);
        // All else goes out byte for byte as the user wrote it.
        if (key == "model" && other != model)
            add("\"model\":" + json_string(other));
        else
            add(field);
    }
    // Behind the user's own keys, and only those that the user has not set.
    if (!rules.body.empty())
        for (JsonFields fields(rules.body); fields.next();)
            if (const std::string_view field = fields.field(); !own.contains(key_of(field))) add(field);
    return sent + "}";
}

}  // namespace batchd::jsonl
