#include "sim/settings.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <boost/json/array.hpp>
#include <boost/json/conversion.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

Error wrong(std::string_view key, std::string_view right) {
    return error(Errc::bad_input, std::string(key) + " must be " + std::string(right));
}

Result<void> set(std::string_view key, double& member, const json::value& value) {
    boost::system::error_code ec;
    const double number = value.to_number<double>(ec);
    if (ec || !(number >= 0)) return wrong(key, "a number that is not negative");
    member = number;
    return {};
}

Result<void> set(std::string_view key, std::uint64_t& member, const json::value& value) {
    boost::system::error_code ec;
    const auto number = value.to_number<std::uint64_t>(ec);
    if (ec) return wrong(key, "a whole number that is not negative");
    member = number;
    return {};
}

Result<void> set(std::string_view key, bool& member, const json::value& value) {
    if (!value.is_bool()) return wrong(key, "true or false");
    member = value.get_bool();
    return {};
}

Result<void> set(std::string_view key, std::string& member, const json::value& value) {
    if (!value.is_string()) return wrong(key, "a string");
    member = std::string(value.get_string());
    return {};
}

Result<void> insert(std::string_view key, std::set<std::string>& member, const json::value& value) {
    if (!value.is_string()) return wrong(key, "a string, or an array of them");
    member.emplace(value.get_string());
    return {};
}

Result<void> insert(std::string_view key, std::set<std::uint64_t>& member, const json::value& value) {
    std::uint64_t number = 0;
    if (auto done = set(key, number, value); !done) return done;
    member.insert(number);
    return {};
}

/// An array replaces the set; a single value is added to it, so that an option may be given several times.
template <class T>
Result<void> set(std::string_view key, std::set<T>& member, const json::value& value) {
    if (!value.is_array()) return insert(key, member, value);
    std::set<T> replaced;
    for (const json::value& item : value.get_array())
        if (auto done = insert(key, replaced, item); !done) return done;
    member = std::move(replaced);
    return {};
}

Result<void> set(std::string_view key, std::map<std::string, std::uint64_t>& member,
                 const json::value& value) {
    if (!value.is_object()) return wrong(key, "an object of whole numbers");
    for (const auto& [name, item] : value.get_object())
        if (auto done = set(key, member[std::string(name)], item); !done) return done;
    return {};
}

Result<void> set(std::string_view key, std::map<std::string, std::string>& member, const json::value& value) {
    if (!value.is_object()) return wrong(key, "an object of strings");
    for (const auto& [name, item] : value.get_object())
        if (auto done = set(key, member[std::string(name)], item); !done) return done;
    return {};
}

/// Takes over what was read as a whole.
template <class T>
Result<void> take(std::vector<T>& member, Result<std::vector<T>> read) {
    if (!read) return read.error();
    member = std::move(*read);
    return {};
}

Result<void> set(std::string_view, std::vector<RowRule>& member, const json::value& value) {
    return take(member, parse_row_rules(value));
}

Result<void> set(std::string_view, std::vector<LineError>& member, const json::value& value) {
    return take(member, parse_line_errors(value));
}

json::value show(const std::vector<RowRule>& rules) {
    return to_json(rules);
}

json::value show(const std::vector<LineError>& errors) {
    return to_json(errors);
}

template <class T>
json::value show(const T& member) {
    return json::value_from(member);
}

/// A setting: its name, and how to read and write the member behind it.
struct Key {
    std::string_view name;
    Result<void> (*set)(Settings&, std::string_view key, const json::value&);
    json::value (*show)(const Settings&);
};

template <auto Member>
constexpr Key setting(std::string_view name) {
    return {name,
            [](Settings& s, std::string_view key, const json::value& v) { return set(key, s.*Member, v); },
            [](const Settings& s) { return show(s.*Member); }};
}

constexpr std::array kKeys = {
    setting<&Settings::validating>("validating"),
    setting<&Settings::in_progress>("in_progress"),
    setting<&Settings::finalizing>("finalizing"),
    setting<&Settings::cancelling>("cancelling"),
    setting<&Settings::expire_batch>("expire_batch"),
    setting<&Settings::expire_at>("expire_at"),
    setting<&Settings::expire_done>("expire_done"),
    setting<&Settings::window_ends>("window_ends"),
    setting<&Settings::fail_batch>("fail_batch"),
    setting<&Settings::fail_errors>("fail_errors"),
    setting<&Settings::failed_files>("failed_files"),
    setting<&Settings::error_lines>("error_lines"),
    setting<&Settings::cancel_keeps>("cancel_keeps"),
    setting<&Settings::seed>("seed"),
    setting<&Settings::fail_rate>("fail_rate"),
    setting<&Settings::permanent_rate>("permanent_rate"),
    setting<&Settings::timeout_rate>("timeout_rate"),
    setting<&Settings::status_zero_rate>("status_zero_rate"),
    setting<&Settings::missing_rate>("missing_rate"),
    setting<&Settings::twice_rate>("twice_rate"),
    setting<&Settings::rows>("rows"),
    setting<&Settings::answer_bytes>("answer_bytes"),
    setting<&Settings::shuffle>("shuffle"),
    setting<&Settings::errors_in_output>("errors_in_output"),
    setting<&Settings::unknown_row>("unknown_row"),
    setting<&Settings::blank_line>("blank_line"),
    setting<&Settings::final_newline>("final_newline"),
    setting<&Settings::absent_file>("absent_file"),
    setting<&Settings::file_bytes_max>("file_bytes_max"),
    setting<&Settings::rows_max>("rows_max"),
    setting<&Settings::validation_errors>("validation_errors"),
    setting<&Settings::unknown_models>("unknown_models"),
    setting<&Settings::forbidden_models>("forbidden_models"),
    setting<&Settings::missing_file>("missing_file"),
    setting<&Settings::token_limits>("token_limits"),
    setting<&Settings::token_limit_answer>("token_limit_answer"),
    setting<&Settings::batches_per_hour>("batches_per_hour"),
    setting<&Settings::batches_wait>("batches_wait"),
    setting<&Settings::cancel_refused>("cancel_refused"),
    setting<&Settings::list_lag>("list_lag"),
    setting<&Settings::list_ties>("list_ties"),
    setting<&Settings::list_order>("list_order"),
    setting<&Settings::list_metadata>("list_metadata"),
    setting<&Settings::batch_id_length>("batch_id_length"),
    setting<&Settings::file_id_length>("file_id_length"),
    setting<&Settings::result_file_id_length>("result_file_id_length"),
    setting<&Settings::twin_batch>("twin_batch"),
    setting<&Settings::ranges>("ranges"),
    setting<&Settings::base_path>("base_path"),
    setting<&Settings::auth>("auth"),
    setting<&Settings::required_query>("required_query"),
    setting<&Settings::texts>("texts"),
    setting<&Settings::ids>("ids"),
    setting<&Settings::create_endpoints>("create_endpoints"),
    setting<&Settings::line_urls>("line_urls"),
    setting<&Settings::windows>("windows"),
    setting<&Settings::processing>("processing"),
    setting<&Settings::single_files>("single_files"),
    setting<&Settings::file_expiry_min>("file_expiry_min"),
    setting<&Settings::metadata>("metadata"),
    setting<&Settings::no_lists>("no_lists"),
    setting<&Settings::list_field>("list_field"),
    setting<&Settings::answer_field>("answer_field"),
    setting<&Settings::create_status>("create_status"),
    setting<&Settings::create_endpoint_shown>("create_endpoint_shown"),
    setting<&Settings::failure_time>("failure_time"),
    setting<&Settings::status_words>("status_words"),
    setting<&Settings::direct_seconds>("direct_seconds"),
    setting<&Settings::direct_at_once>("direct_at_once"),
    setting<&Settings::direct_busy>("direct_busy"),
    setting<&Settings::direct_busy_seconds>("direct_busy_seconds"),
    setting<&Settings::direct_requests_per_minute>("direct_requests_per_minute"),
    setting<&Settings::direct_wait>("direct_wait"),
    setting<&Settings::direct_loading>("direct_loading"),
    setting<&Settings::ledger_scope>("ledger_scope"),
    setting<&Settings::known_by_text>("known_by_text"),
};

const Key* find_key(std::string_view name) {
    const auto* const found =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& key) { return key.name == name; });
    return found == kKeys.end() ? nullptr : found;
}

Result<void> check_word(std::string_view key, const std::string& value,
                        std::initializer_list<std::string_view> words) {
    if (std::find(words.begin(), words.end(), value) != words.end()) return {};
    std::string right = "one of";
    for (std::string_view word : words) right += " \"" + std::string(word) + "\"";
    return wrong(key, right);
}

Result<void> check_words(const Settings& s) {
    if (auto ok = check_word("expire_at", s.expire_at, {"in_progress", "window"}); !ok) return ok;
    if (auto ok = check_word("cancel_keeps", s.cancel_keeps, {"both", "errors", "none"}); !ok) return ok;
    if (auto ok = check_word("absent_file", s.absent_file, {"null", "", "empty_file"}); !ok) return ok;
    if (auto ok = check_word("validation_errors", s.validation_errors, {"all", "first"}); !ok) return ok;
    if (auto ok = check_word("missing_file", s.missing_file, {"failed", "400"}); !ok) return ok;
    if (auto ok = check_word("token_limit_answer", s.token_limit_answer, {"failed", "400", "429"}); !ok)
        return ok;
    if (auto ok = check_word("batches_wait", s.batches_wait, {"none", "retry-after"}); !ok) return ok;
    if (auto ok = check_word("list_ties", s.list_ties, {"exact", "skip", "repeat"}); !ok) return ok;
    if (auto ok = check_word("failed_files", s.failed_files, {"none", "empty"}); !ok) return ok;
    if (auto ok = check_word("error_lines", s.error_lines, {"field", "message", "none"}); !ok) return ok;
    if (auto ok = check_word("auth", s.auth, {"bearer", "api-key", "either"}); !ok) return ok;
    if (auto ok = check_word("texts", s.texts, {"openai", "azure"}); !ok) return ok;
    if (auto ok = check_word("ids", s.ids, {"openai", "azure"}); !ok) return ok;
    if (auto ok = check_word("metadata", s.metadata, {"keep", "refuse", "drop"}); !ok) return ok;
    if (auto ok = check_word("failure_time", s.failure_time, {"failed_at", "completed_at"}); !ok) return ok;
    if (auto ok = check_word("direct_wait", s.direct_wait, {"retry-after", "retry-after-ms", "text"}); !ok)
        return ok;
    if (!s.base_path.starts_with('/')) return wrong("base_path", "a path that begins with /");
    if (auto ok = check_word("list_order", s.list_order, {"newest", "oldest", "shuffled"}); !ok) return ok;
    return check_word("list_metadata", s.list_metadata, {"keep", "drop", "drop_all"});
}

constexpr std::string_view kLike = "like";

Result<void> imitate(Settings& settings, const json::value& like) {
    const auto found = like.is_string() ? presets().find(std::string(like.get_string())) : presets().end();
    if (found != presets().end()) return apply(settings, found->second);
    std::string names;
    for (const auto& [name, preset] : presets()) names += (names.empty() ? "" : ", ") + name;
    return wrong(kLike, "one of " + names);
}

}  // namespace

Result<void> apply(Settings& settings, const json::object& changes) {
    Settings changed = settings;
    if (const json::value* const like = changes.if_contains(kLike))
        if (auto done = imitate(changed, *like); !done) return done;
    for (const auto& [name, value] : changes) {
        if (name == kLike) continue;
        const Key* key = find_key(name);
        if (key == nullptr)
            return error(Errc::bad_input, "there is no setting \"" + std::string(name) + "\"");
        if (auto done = key->set(changed, name, value); !done) return done;
    }
    if (auto ok = check_words(changed); !ok) return ok;
    settings = std::move(changed);
    return {};
}

bool is_setting(std::string_view name) {
    return name == kLike || find_key(name) != nullptr;
}

json::object to_json(const Settings& settings) {
    json::object shown;
    for (const Key& key : kKeys) shown[key.name] = key.show(settings);
    return shown;
}

bool glob_matches(std::string_view glob, std::string_view text) {
    std::size_t g = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            mark = t;
        } else if (g < glob.size() && glob[g] == text[t]) {
            ++g, ++t;
        } else if (star != std::string_view::npos) {  // let the last star take one character more
            g = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

}  // namespace batchd::sim
