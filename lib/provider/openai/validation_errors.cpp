#include "provider/openai/validation_errors.hpp"

#include <utility>

#include "provider/openai/json/json_scalar.hpp"

namespace batchd::provider {
namespace {

namespace json = boost::json;

JsonPath below_data(JsonPath path) {
    // Some have the list right below "errors", without the object around it.
    return !path.empty() && path[0] == "data" ? path.subspan(1) : path;
}

bool is_entry(JsonPath path) {
    path = below_data(path);
    return path.size() == 1 && path[0] == kJsonElement;
}

void set(ValidationError& error, std::string_view key, const json::value& value) {
    if (key == "code") error.code = text_of(value);
    if (key == "message") error.message = text_of(value);
    if (key == "param") error.param = text_of(value);
    if (key != "line") return;
    error.line = count_of(value);
    // Lines are counted from 1; with 0 services say that it is about none.
    if (error.line == 0U) error.line = std::nullopt;
}

}  // namespace

void ErrorsBuilder::begin(JsonPath path) {
    if (is_entry(path)) current_ = ValidationError();
}

void ErrorsBuilder::end(JsonPath path) {
    if (is_entry(path)) keep();
}

void ErrorsBuilder::scalar(JsonPath path, const json::value& value) {
    path = below_data(path);
    if (path.empty()) {
        if (value.is_string()) only_.message = text_of(value);
    } else if (path.size() == 1 && path[0] != kJsonElement) {
        set(only_, path[0], value);
    } else if (path[0] != kJsonElement) {
        return;
    } else if (path.size() == 1) {
        current_ = ValidationError();
        if (value.is_string()) current_.message = text_of(value);
        keep();
    } else if (path.size() == 2) {
        set(current_, path[1], value);
    }
}

std::vector<ValidationError> ErrorsBuilder::take() {
    if (errors_.empty() && !(only_.code.empty() && only_.message.empty() && only_.param.empty())) {
        current_ = std::move(only_);
        keep();
    }
    return std::move(errors_);
}

void ErrorsBuilder::keep() {
    const std::size_t size = current_.code.size() + current_.message.size() + current_.param.size();
    if ((size == 0 && !current_.line) || room_.errors == 0) return;
    --room_.errors;
    // The lines of all of them are needed; of the reasons, thousands tell as much as all.
    const bool fits = size <= room_.error_text_bytes;
    if (fits) room_.error_text_bytes -= size;
    if (!fits) current_ = {"", "", "", current_.line};
    errors_.push_back(std::move(current_));
}

}  // namespace batchd::provider
