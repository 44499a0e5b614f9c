#include "sim/lies.hpp"

#include <array>
#include <functional>

#include <boost/json/array.hpp>

#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, Lie::About>, 4> kAbout = {{
    {"batch", Lie::About::batch},
    {"file", Lie::About::file},
    {"page", Lie::About::page},
    {"content", Lie::About::content},
}};

Error bad_lie(std::string_view key, std::string_view right) {
    return error(Errc::bad_input, "lie: " + std::string(key) + " must be " + std::string(right));
}

template <class Number>
Result<void> read(std::string_view key, const json::value& from, Number& into) {
    boost::system::error_code ec;
    into = from.to_number<Number>(ec);
    if (ec) return bad_lie(key, "a number in range");
    return {};
}

Result<void> read(std::string_view key, const json::value& from, std::string& into) {
    if (!from.is_string()) return bad_lie(key, "a string");
    into = std::string(from.get_string());
    return {};
}

Result<void> read(std::string_view key, const json::value& from, json::object& into) {
    if (!from.is_object()) return bad_lie(key, "an object of members");
    into = from.get_object();
    return {};
}

Result<void> read(std::string_view, const json::value& from, json::value& into) {
    into = from;
    return {};
}

Result<void> read(std::string_view key, const json::value& from, bool& into) {
    if (!from.is_bool()) return bad_lie(key, "true or false");
    into = from.get_bool();
    return {};
}

/// A list: of one where it is no array.
template <class List>
Result<void> read_list(std::string_view key, const json::value& from, List& into) {
    for (const json::value& item : from.is_array() ? from.get_array() : json::array{from}) {
        typename List::value_type entry{};
        if (auto ok = read(key, item, entry); !ok) return ok;
        into.insert(into.end(), std::move(entry));
    }
    return {};
}

Result<void> read_about(Lie& lie, const json::value& from) {
    std::string word;
    if (auto ok = read("about", from, word); !ok) return ok;
    for (const auto& [name, about] : kAbout)
        if (name == word) {
            lie.about = about;
            return {};
        }
    return bad_lie("about", "batch, file, page or content");
}

Result<void> read_damage(Lie& lie, const json::value& from) {
    std::string word;
    if (auto ok = read("damage", from, word); !ok) return ok;
    lie.damage = parse_damage(word);
    if (!lie.damage) return bad_lie("damage", "one of " + damage_words());
    return {};
}

Result<void> read_lasts(Lie& lie, const json::value& from) {
    double seconds = 0;
    if (auto ok = read("lasts", from, seconds); !ok) return ok;
    lie.lasts = seconds_to_millis(seconds);
    lie.times = -1;
    return {};
}

Result<void> read_lines(Lie& lie, const json::value& from) {
    std::uint64_t lines = 0;
    auto ok = read("lines", from, lines);
    lie.lines = lines;
    return ok;
}

using Reader = std::function<Result<void>(Lie&, const json::value&)>;

template <auto Member>
Reader member(const char* key) {
    return [key](Lie& lie, const json::value& from) { return read(key, from, lie.*Member); };
}

template <auto Member>
Reader list(const char* key) {
    return [key](Lie& lie, const json::value& from) { return read_list(key, from, lie.*Member); };
}

const std::map<std::string, Reader, std::less<>>& readers() {
    static const std::map<std::string, Reader, std::less<>> all{
        {"about", read_about},
        {"in", list<&Lie::in>("in")},
        {"batch", list<&Lie::batches>("batch")},
        {"of", member<&Lie::of>("of")},
        {"when", member<&Lie::when>("when")},
        {"skip", member<&Lie::skip>("skip")},
        {"times", member<&Lie::times>("times")},
        {"lasts", read_lasts},
        {"instead", member<&Lie::instead>("instead")},
        {"under_own_id", member<&Lie::under_own_id>("under_own_id")},
        {"set", member<&Lie::set>("set")},
        {"drop", list<&Lie::drop>("drop")},
        {"hide", member<&Lie::hide>("hide")},
        {"fill", member<&Lie::fill>("fill")},
        {"item", member<&Lie::item>("item")},
        {"bytes", member<&Lie::bytes>("bytes")},
        {"lines", read_lines},
        {"damage", read_damage},
        {"match", member<&Lie::match>("match")},
    };
    return all;
}

}  // namespace

Result<void> Lies::add(const json::value& description) {
    if (!description.is_object()) return error(Errc::bad_input, "a lie must be an object");
    if (!description.get_object().contains("about")) return bad_lie("about", "batch, file, page or content");
    Lie lie;
    for (const auto& [key, value] : description.get_object()) {
        const auto reader = readers().find(std::string_view(key));
        if (reader == readers().end())
            return error(Errc::bad_input, "lie: there is no key \"" + std::string(key) + "\"");
        if (auto ok = reader->second(lie, value); !ok) return ok;
    }
    lies_.push_back(std::move(lie));
    return {};
}

bool is_told(Lie& lie, const std::string& id, TimePoint now) {
    if (lie.until && now >= *lie.until) return false;
    const std::uint64_t look = lie.looks[id]++;
    if (look < lie.skip) return false;
    if (lie.times >= 0 && look - lie.skip >= static_cast<std::uint64_t>(lie.times)) return false;
    if (lie.lasts && !lie.until) lie.until = now + *lie.lasts;
    return true;
}

}  // namespace batchd::sim
