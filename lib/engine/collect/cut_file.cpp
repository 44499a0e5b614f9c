#include "engine/collect/cut_file.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/json_file.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t kCutBytesMax = 64 * 1024 * 1024;
constexpr std::string_view kCutEnding = ".cut.json";

/// Throws where a member is missing or of another kind.
std::vector<CutPart> parts_of(const json::value& value) {
    std::vector<CutPart> parts;
    for (const json::value& item : value.as_array()) {
        const json::object& object = item.as_object();
        const auto number = [&](const char* name) { return object.at(name).to_number<std::uint64_t>(); };
        parts.push_back({{number("shard"), number("attempt")}, number("requests")});
    }
    return parts;
}

}  // namespace

Result<void> write_cut_file(const Path& path, const std::vector<CutPart>& parts) {
    json::array items;
    for (const CutPart& part : parts)
        items.push_back(json::object{
            {"shard", part.attempt.shard}, {"attempt", part.attempt.attempt}, {"requests", part.requests}});
    return replace_file(path, json::serialize(items) + "\n");
}

Result<std::optional<std::vector<CutPart>>> read_cut_file(const Path& path) {
    auto parts = read_json_file(path, kCutBytesMax, parts_of);
    if (parts) return std::optional(std::move(*parts));
    if (parts.error().code == Errc::not_found) return std::optional<std::vector<CutPart>>();
    return parts.error();
}

Result<std::uint64_t> last_shard_in_work(const spool::Layout& layout, const std::string& job_key) {
    std::uint64_t last = 0;
    std::error_code ec;
    for (std::filesystem::directory_iterator it(layout.work_directory(job_key), ec), end; !ec && it != end;
         it.increment(ec)) {
        const std::string name = it->path().filename().string();
        // A number that was given out is not given out again: other lines would go under the same mark.
        if (const auto lines = attempt_of_lines(name)) last = std::max(last, lines->shard);
        if (!name.ends_with(kCutEnding)) continue;
        const auto parts = read_cut_file(it->path());
        if (!parts) return parts.error();
        if (*parts)
            for (const CutPart& part : **parts) last = std::max(last, part.attempt.shard);
    }
    if (ec) return Error{ec, "read " + layout.work_directory(job_key).string()};
    return last;
}

}  // namespace batchd::engine
