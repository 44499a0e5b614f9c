#include "provider/batch_json.hpp"

#include <charconv>
#include <cmath>

#include <boost/json.hpp>

namespace batchd::provider {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 32;
/// No provider's id, name or word is longer; what is longer is no id.
constexpr std::size_t kWordBytesMax = 512;
constexpr std::size_t kTextBytesMax = 2048;
/// A failed batch may name every one of its lines.
constexpr std::size_t kErrorsMax = 100'000;
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;  // the end of the year 9999

std::optional<json::value> parse(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::error_code ec;
    json::value value = json::parse({text.data(), text.size()}, ec, {}, options);
    if (ec) return std::nullopt;
    return value;
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

const json::value* find(const json::object& object, std::string_view key) {
    return object.if_contains({key.data(), key.size()});
}

const json::object* find_object(const json::object& object, std::string_view key) {
    const json::value* value = find(object, key);
    return value == nullptr ? nullptr : value->if_object();
}

/// A string; a number as its digits, for "code": 400 is met too.
std::string text_of(const json::value& value, std::size_t size_max) {
    if (const auto* text = value.if_string()) return std::string(view(*text).substr(0, size_max));
    if (value.is_number()) return json::serialize(value);
    return {};
}

std::string find_text(const json::object& object, std::string_view key,
                      std::size_t size_max = kTextBytesMax) {
    const json::value* value = find(object, key);
    return value == nullptr ? std::string() : text_of(*value, size_max);
}

/// An id or a name: "" when it is absent or can't be one.
std::string find_word(const json::object& object, std::string_view key) {
    const json::value* value = find(object, key);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr || text->size() > kWordBytesMax || text->find('\0') != json::string::npos) return {};
    return std::string(view(*text));
}

std::optional<std::uint64_t> find_count(const json::object& object, std::string_view key) {
    const json::value* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (const auto* number = value->if_uint64()) return *number;
    if (const auto* number = value->if_int64(); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    if (const auto* number = value->if_double(); number != nullptr && *number >= 0 && *number < 9e15)
        return static_cast<std::uint64_t>(*number);
    return std::nullopt;
}

std::optional<int> two_digits(std::string_view text) {
    if (text.size() != 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

std::optional<TimePoint> from_seconds(std::int64_t seconds) {
    if (seconds <= 0 || seconds > kUnixSecondsMax) return std::nullopt;
    return TimePoint(std::chrono::seconds(seconds));
}

/// A batch from before there were any would end a search among newer ones.
std::optional<TimePoint> in_range(TimePoint time) {
    return from_seconds(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::optional<TimePoint> find_time(const json::object& object, std::string_view key) {
    const json::value* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (const auto* number = value->if_int64()) return from_seconds(*number);
    if (const auto* number = value->if_double(); number != nullptr && *number > 0 && *number < 9e15)
        return from_seconds(static_cast<std::int64_t>(*number));
    if (const auto* text = value->if_string()) return parse_time_text(view(*text));
    return std::nullopt;
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::optional<ValidationError> to_validation_error(const json::value& value) {
    if (const auto* text = value.if_string())
        return ValidationError{"", std::string(view(*text).substr(0, kTextBytesMax)), "", {}};
    const json::object* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    ValidationError entry{
        find_text(*object, "code"), find_text(*object, "message"), find_text(*object, "param"), {}};
    if (const auto line = find_count(*object, "line"); line && *line > 0) entry.line = *line;
    return entry;
}

/// An object with `data`, a list or a text: all three are about.
std::vector<ValidationError> to_validation_errors(const json::value& value) {
    const json::value* list = &value;
    if (const auto* object = value.if_object()) {
        const json::value* data = find(*object, "data");
        if (data != nullptr) list = data;
    }
    std::vector<ValidationError> errors;
    if (const auto* entries = list->if_array()) {
        for (const json::value& entry : *entries) {
            if (errors.size() == kErrorsMax) break;
            if (auto error = to_validation_error(entry)) errors.push_back(std::move(*error));
        }
    } else if (auto error = to_validation_error(*list);
               error && !(error->code.empty() && error->message.empty() && error->param.empty())) {
        errors.push_back(std::move(*error));
    }
    return errors;
}

void read_counts(const json::object& object, BatchObject& batch) {
    const json::object* counts = find_object(object, "request_counts");
    if (counts == nullptr) return;
    batch.total = find_count(*counts, "total").value_or(0);
    batch.completed = find_count(*counts, "completed").value_or(0);
    batch.failed = find_count(*counts, "failed").value_or(0);
}

std::optional<TimePoint> find_end(const json::object& object) {
    for (const std::string_view key : {"completed_at", "failed_at", "expired_at", "cancelled_at"})
        if (const auto time = find_time(object, key)) return time;
    return std::nullopt;
}

std::optional<FileObject> to_file(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    FileObject file;
    file.id = find_word(*object, "id");
    if (file.id.empty()) return std::nullopt;
    file.filename = find_word(*object, "filename");
    file.size_bytes = find_count(*object, "bytes").value_or(0);
    file.created_at = find_time(*object, "created_at").value_or(TimePoint{});
    return file;
}

std::optional<BatchObject> to_batch(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    BatchObject batch;
    batch.id = find_word(*object, "id");
    batch.status_word = lower(find_word(*object, "status"));
    if (batch.id.empty() || batch.status_word.empty()) return std::nullopt;
    batch.status = parse_status(batch.status_word);
    batch.endpoint = find_word(*object, "endpoint");
    batch.input_file_id = find_word(*object, "input_file_id");
    batch.output_file_id = find_word(*object, "output_file_id");
    batch.error_file_id = find_word(*object, "error_file_id");
    batch.created_at = find_time(*object, "created_at").value_or(TimePoint{});
    batch.expires_at = find_time(*object, "expires_at");
    batch.ended_at = find_end(*object);
    read_counts(*object, batch);
    if (const auto* metadata = find_object(*object, "metadata")) {
        for (const auto& entry : *metadata)
            if (const auto* text = entry.value().if_string())
                batch.metadata.emplace(std::string(entry.key()), std::string(view(*text)));
    }
    if (const auto* errors = find(*object, "errors")) batch.errors = to_validation_errors(*errors);
    return batch;
}

template <class T>
std::optional<Page<T>> to_page(std::string_view text, std::optional<T> (*read)(const json::value&)) {
    const auto value = parse(text);
    if (!value) return std::nullopt;
    Page<T> page;
    const json::array* list = value->if_array();
    if (const auto* object = value->if_object()) {
        if (const auto* data = find(*object, "data")) list = data->if_array();
        if (const auto* more = find(*object, "has_more")) page.has_more = more->is_bool() && more->get_bool();
    }
    if (list == nullptr) return std::nullopt;
    for (const json::value& entry : *list)
        if (auto item = read(entry)) page.items.push_back(std::move(*item));
    return page;
}

}  // namespace

std::optional<TimePoint> parse_time_text(std::string_view text) {
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec == std::errc() && end == text.data() + text.size()) return from_seconds(seconds);
    // ISO 8601: 2026-11-22T08:30:00[.123][Z|+01:00]; without a zone it is taken as UTC.
    if (text.size() < 19 || text.size() > 40) return std::nullopt;
    auto time = parse_utc_text(std::string(text.substr(0, 19)) + "Z");
    if (!time) return std::nullopt;
    text.remove_prefix(19);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::size_t digits = text.find_first_not_of("0123456789");
        text.remove_prefix(digits == std::string_view::npos ? text.size() : digits);
    }
    if (text.empty() || text == "Z") return in_range(*time);
    // A zone is +hh:mm or -hh:mm.
    const char sign = text.front();
    const auto hours = text.size() == 6 && text[3] == ':' ? two_digits(text.substr(1, 2)) : std::nullopt;
    const auto minutes = text.size() == 6 ? two_digits(text.substr(4, 2)) : std::nullopt;
    if ((sign != '+' && sign != '-') || !hours || !minutes || *hours > 14 || *minutes > 59)
        return std::nullopt;
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return in_range(sign == '+' ? *time - offset : *time + offset);
}

std::optional<FileObject> parse_file(std::string_view text) {
    const auto value = parse(text);
    return value ? to_file(*value) : std::nullopt;
}

std::optional<BatchObject> parse_batch(std::string_view text) {
    const auto value = parse(text);
    return value ? to_batch(*value) : std::nullopt;
}

std::optional<Page<FileObject>> parse_file_page(std::string_view text) {
    return to_page<FileObject>(text, to_file);
}

std::optional<Page<BatchObject>> parse_batch_page(std::string_view text) {
    return to_page<BatchObject>(text, to_batch);
}

std::optional<bool> parse_deletion(std::string_view text) {
    const auto value = parse(text);
    const json::object* object = value ? value->if_object() : nullptr;
    const json::value* deleted = object == nullptr ? nullptr : find(*object, "deleted");
    if (deleted == nullptr || !deleted->is_bool()) return std::nullopt;
    return deleted->get_bool();
}

std::optional<ErrorEnvelope> parse_error(std::string_view text) {
    const auto value = parse(text);
    const json::object* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return std::nullopt;
    const auto read = [](const json::object& from) {
        return ErrorEnvelope{find_text(from, "code"), find_text(from, "type"), find_text(from, "param"),
                             find_text(from, "message")};
    };
    for (const std::string_view key : {"error", "detail"}) {
        const json::value* inner = find(*object, key);
        if (inner == nullptr || inner->is_null()) continue;
        if (const auto* fields = inner->if_object()) return read(*fields);
        ErrorEnvelope envelope = read(*object);
        envelope.message = inner->is_string() ? text_of(*inner, kTextBytesMax)
                                              : json::serialize(*inner).substr(0, kTextBytesMax);
        return envelope;
    }
    return read(*object);
}

std::string to_json(const NewBatch& batch) {
    json::object body;
    body["input_file_id"] = batch.input_file_id;
    body["endpoint"] = batch.endpoint;
    body["completion_window"] = batch.completion_window;
    if (!batch.metadata.empty()) {
        json::object metadata;
        for (const auto& [key, text] : batch.metadata) metadata[key] = text;
        body["metadata"] = std::move(metadata);
    }
    return json::serialize(body);
}

}  // namespace batchd::provider
