#include "system/published_job.hpp"

#include <cstdlib>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "support/temp_dir.hpp"

namespace batchd::testing {

namespace json = boost::json;

namespace {

json::object parse_object(const std::string& text, const Path& where) {
    boost::system::error_code ec;
    const json::value value = json::parse(text, ec);
    if (!ec && value.is_object()) return value.get_object();
    ADD_FAILURE() << where << ": not a JSON object: " << text.substr(0, 200);
    return {};
}

std::string text_at(const json::object& object, const char* key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* object_at(const json::object& object, const char* key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

/// An id may come back as a number: then it is that of its digits.
std::string id_of(const json::object& line) {
    const json::value* const id = line.if_contains("custom_id");
    return id != nullptr && id->is_number() ? json::serialize(*id) : text_at(line, "custom_id");
}

std::vector<ResultLine> read_results(const Path& path) {
    std::vector<ResultLine> lines;
    std::istringstream content(slurp(path));
    for (std::string text; std::getline(content, text);) {
        ResultLine line;
        line.object = parse_object(text, path);
        line.id = id_of(line.object);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<std::string> ids_of(const std::vector<ResultLine>& lines) {
    std::vector<std::string> ids;
    for (const ResultLine& line : lines) ids.push_back(line.id);
    return ids;
}

}  // namespace

std::int64_t ResultLine::status() const {
    const json::object* const response = object_at(object, "response");
    const json::value* const code = response != nullptr ? response->if_contains("status_code") : nullptr;
    if (code != nullptr && code->is_string()) return std::atoll(code->get_string().c_str());
    return code != nullptr && code->is_int64() ? code->get_int64() : 0;
}

std::string ResultLine::error_code() const {
    const json::object* const error = object_at(object, "error");
    return error != nullptr ? text_at(*error, "code") : std::string();
}

PublishedJob PublishedJob::read(const Path& folder) {
    PublishedJob job;
    if (!std::filesystem::is_directory(folder)) {
        ADD_FAILURE() << folder << " is not there";
        return job;
    }
    job.output = read_results(folder / "output.jsonl");
    job.has_errors_file = std::filesystem::exists(folder / "errors.jsonl");
    if (job.has_errors_file) job.errors = read_results(folder / "errors.jsonl");
    job.summary = parse_object(slurp(folder / "job.json"), folder / "job.json");
    const json::value* const changed = job.summary.if_contains("input_changed");
    const bool may_be_gone = changed != nullptr && *changed == true;
    const Path input = folder / "input.jsonl";
    if (std::filesystem::exists(input) || !may_be_gone) job.input = slurp(input);
    return job;
}

std::vector<std::string> PublishedJob::output_ids() const {
    return ids_of(output);
}

std::vector<std::string> PublishedJob::error_ids() const {
    return ids_of(errors);
}

namespace {

/// A line of a request file, as far as its id goes.
struct Written {
    std::size_t number = 0;
    std::string id;       // "" where it has none
    bool is_sent = true;  // what has neither a body nor the keys of one is a bad line
};

std::vector<Written> lines_of(const std::string& input) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    std::vector<Written> lines;
    std::istringstream content(input.starts_with(kByteOrderMark) ? input.substr(kByteOrderMark.size())
                                                                 : input);
    std::size_t number = 0;
    for (std::string text; std::getline(content, text);) {
        ++number;
        if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
        Written& line = lines.emplace_back(Written{number, "", true});
        boost::system::error_code ec;
        const json::value value = json::parse(text, ec);
        if (ec || !value.is_object()) continue;
        const json::object& object = value.get_object();
        line.id = text_at(object, "custom_id");
        line.is_sent = object.contains("body") || object.contains("messages") || object.contains("input") ||
                       object.contains("prompt");
    }
    return lines;
}

}  // namespace

std::vector<std::string> request_ids(const std::string& input) {
    const std::vector<Written> lines = lines_of(input);
    std::map<std::string, std::size_t> owners;
    // What is sent has its id, wherever another line has the same; then the first line does.
    for (const bool sent : {true, false})
        for (const Written& line : lines)
            if (line.is_sent == sent && !line.id.empty()) owners.emplace(line.id, line.number);
    std::vector<std::string> ids;
    for (const Written& line : lines) {
        const auto owner = owners.find(line.id);
        const bool is_its_own = owner != owners.end() && owner->second == line.number;
        ids.push_back(is_its_own ? line.id : "line-" + std::to_string(line.number));
    }
    return ids;
}

}  // namespace batchd::testing
