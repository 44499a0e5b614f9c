#include "provider/direct/local/run_record.hpp"

#include <exception>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

namespace batchd::provider::direct {

namespace json = boost::json;

namespace {

// Metadata is all that can be long in it, and services take some kilobytes of that.
constexpr std::size_t kBytesMax = 1024 * 1024;

std::int64_t to_number(TimePoint at) {
    return std::chrono::duration_cast<Millis>(at.time_since_epoch()).count();
}

TimePoint to_time(const json::value& number) {
    return TimePoint{std::chrono::duration_cast<TimePoint::duration>(Millis(number.as_int64()))};
}

/// Throws where a member is missing or of another kind.
RunRecord record_of(const json::object& object, const std::string& key) {
    const auto number = [&](const char* name) { return object.at(name).to_number<std::uint64_t>(); };
    RunRecord record;
    record.key = key;
    record.endpoint = json::value_to<std::string>(object.at("endpoint"));
    record.metadata = json::value_to<std::map<std::string, std::string>>(object.at("metadata"));
    record.created_at = to_time(object.at("created_at"));
    record.row_attempts = object.at("row_attempts").to_number<unsigned>();
    // Earlier versions wrote none.
    if (const auto* priority = object.if_contains("priority")) record.priority = priority->to_number<int>();
    record.total = number("total");
    record.is_cancelled = object.at("cancelled").as_bool();
    record.possibly_repeated = number("possibly_repeated");
    record.answered = number("answered");
    record.failed = number("failed");
    if (const json::value& ended = object.at("ended_at"); !ended.is_null()) record.ended_at = to_time(ended);
    return record;
}

}  // namespace

Result<void> write_run_record(const Path& path, const RunRecord& record) {
    json::object object;
    object["endpoint"] = record.endpoint;
    object["metadata"] = json::value_from(record.metadata);
    object["created_at"] = to_number(record.created_at);
    object["row_attempts"] = record.row_attempts;
    object["priority"] = record.priority;
    object["total"] = record.total;
    object["cancelled"] = record.is_cancelled;
    object["possibly_repeated"] = record.possibly_repeated;
    object["answered"] = record.answered;
    object["failed"] = record.failed;
    object["ended_at"] = record.ended_at ? json::value(to_number(*record.ended_at)) : json::value(nullptr);
    return replace_file(path, json::serialize(object) + "\n");
}

Result<std::optional<RunRecord>> read_run_record(const Path& path, const std::string& key) {
    const auto is_there = file_exists(path);
    if (!is_there) return is_there.error();
    if (!*is_there) return std::optional<RunRecord>();
    const auto text = read_file(path, kBytesMax);
    if (!text) return text.error();
    try {
        return std::optional(record_of(json::parse(*text).as_object(), key));
    } catch (const std::exception& wrong) {
        return error(Errc::corrupt, path.string() + " is not as batchd writes it: " + wrong.what());
    }
}

}  // namespace batchd::provider::direct
