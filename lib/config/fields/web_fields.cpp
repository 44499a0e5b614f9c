#include "config/fields/composed.hpp"
#include "config/values/listen_address.hpp"

namespace batchd::config {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kListenExpects =
    "an address with its port, such as \"127.0.0.1:8420\" or \"[::1]:8420\", an absolute path of at most 107 "
    "bytes, or an array of these";
constexpr std::string_view kHostsExpects =
    "an array of names, such as [\"batchd.example.org\"], without a port";
constexpr std::string_view kProxyExpects =
    "a table of two strings, such as { header = \"X-Forwarded-User\", address = \"10.0.0.5\" }, or address = "
    "\"unix\" for one that connects to a path";

Reading<Texts> complaint(const Value& value, std::string_view key, std::string_view expects) {
    return {{}, {{std::string(key), complaint_about(value, std::string(expects)), value.where}}};
}

/// An array of strings, none of them wrong.
template <class Fits>
Reading<Texts> read_texts(const Value& value, std::string_view key, std::string_view expects, Fits fits) {
    const auto* const array = std::get_if<Value::Array>(&value.content);
    // An empty list would mean nobody, or everybody; who wants the default leaves the key out.
    if (array == nullptr || array->empty()) return complaint(value, key, expects);
    Reading<Texts> reading;
    for (const Value& item : *array) {
        const std::string* const text = as_text(item);
        if (text == nullptr || !fits(*text)) return complaint(value, key, expects);
        reading.value.push_back(*text);
    }
    return reading;
}

bool is_listen(const std::string& text) {
    return !has_control_characters(text) && parse_listen(text).has_value();
}

Reading<Texts> read_listen(const Value& value, std::string_view key) {
    // One address is the usual case, and needs no brackets.
    if (const std::string* const one = as_text(value); one != nullptr && is_listen(*one)) return {{*one}, {}};
    return read_texts(value, key, kListenExpects, is_listen);
}

bool is_host_name(const std::string& name) {
    // Without a port: a proxy may listen on another one.
    return !name.empty() && is_header_word(name) && name.find_first_of("/[]") == std::string::npos &&
           (name.find(':') == std::string::npos || is_address(name));
}

Reading<Texts> read_hosts(const Value& value, std::string_view key) {
    return read_texts(value, key, kHostsExpects, is_host_name);
}

/// A token of RFC 9110, which names of headers are, in lower case.
std::optional<std::string> as_header_name(const std::string& text) {
    std::string name = text;
    for (char& c : name)
        // Small letters, for the server has names of headers in these.
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool fits = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    return fits ? std::optional(name) : std::nullopt;
}

bool is_proxy_address(const std::string& text) {
    return is_address(text) || BehindProxy{.header = {}, .address = text}.is_unix();
}

Reading<BehindProxy> read_proxy(const Value& value, std::string_view key) {
    Reading<BehindProxy> reading;
    const auto* const table = std::get_if<Value::Table>(&value.content);
    // Both or nothing: a header without an address could be set by anybody.
    bool is_right = table != nullptr && table->size() == 2;
    for (std::size_t i = 0; is_right && i < table->size(); ++i) {
        const Member& member = (*table)[i];
        const std::string* const text = as_text(member.value);
        const auto header = text == nullptr ? std::nullopt : as_header_name(*text);
        if (member.name == "header" && header)
            reading.value.header = *header;
        else if (member.name == "address" && text != nullptr && is_proxy_address(*text))
            reading.value.address = *text;
        else
            is_right = false;
    }
    if (!is_right)
        reading.complaints.push_back(
            {std::string(key), complaint_about(value, std::string(kProxyExpects)), value.where});
    return reading;
}

std::string print_proxy(const BehindProxy& proxy) {
    return "{ header = " + toml_string(proxy.header) + ", address = " + toml_string(proxy.address) + " }";
}

std::string print_listen(const Texts& texts) {
    return texts.size() == 1 ? toml_string(texts.front()) : print_array(texts);
}

std::optional<std::string> print_hosts(const Texts& hosts) {
    return hosts.empty() ? std::nullopt : std::optional(print_array(hosts));
}

}  // namespace

const Fields<Web>& web_fields() {
    static const Fields<Web> fields{
        composed_field<Web>({"listen", std::string(kListenExpects)}, AT(listen), read_listen, print_listen),
        composed_field<Web>({"hosts", std::string(kHostsExpects)}, AT(hosts), read_hosts, print_hosts),
        flag_field<Web>("read_only", AT(read_only)),
        flag_field<Web>("show_requests", AT(show_requests)),
        composed_field<Web>({"behind_proxy", std::string(kProxyExpects)}, AT(behind_proxy), read_proxy,
                            print_proxy),
    };
    return fields;
}

}  // namespace batchd::config
