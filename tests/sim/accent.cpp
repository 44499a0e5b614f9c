#include "sim/accent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sim/json_edit.hpp"
#include "sim/request_subject.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

bool is_standard(const Settings& settings) {
    return settings.list_field == "data" && settings.answer_field.empty() && settings.create_status == 200 &&
           settings.create_endpoint_shown && settings.failure_time == "failed_at" &&
           settings.status_words.empty() && settings.metadata != "drop";
}

void accent_batch(const Settings& settings, json::object& batch) {
    const std::string status = text_at(batch, "status");
    if (settings.failure_time == "completed_at" && status == "failed")
        batch["completed_at"] = std::exchange(batch["failed_at"], nullptr);
    if (settings.metadata == "drop") batch["metadata"] = nullptr;
    if (const auto word = settings.status_words.find(status); word != settings.status_words.end())
        batch["status"] = word->second;
}

void accent_list(const Settings& settings, json::object& page) {
    json::array items = std::move(page["data"].as_array());
    for (json::value& item : items)
        if (text_at(item.as_object(), "object") == "batch") accent_batch(settings, item.as_object());
    page.erase("data");
    set_members(page, {{settings.list_field, std::move(items)}});
}

json::object accent_created(const Settings& settings, json::object batch) {
    if (!settings.create_endpoint_shown) batch["endpoint"] = nullptr;
    if (settings.answer_field.empty()) return batch;
    json::object wrapped;
    set_members(wrapped, {{settings.answer_field, std::move(batch)}});
    return wrapped;
}

}  // namespace

void give_accent(const Settings& settings, const RequestHead& head, Response& response) {
    if (is_standard(settings) || response.status != 200 || response.file || !head.path.starts_with("/v1/"))
        return;
    boost::system::error_code ec;
    json::value parsed = json::parse(response.body, ec);
    if (ec || !parsed.is_object()) return;  // a lie, or a fault
    json::object& answer = parsed.get_object();
    const bool is_list = head.method == "GET" && id_in_path(head.path).empty();
    if (is_list && answer.contains("data")) accent_list(settings, answer);
    if (text_at(answer, "object") == "batch") accent_batch(settings, answer);
    if (head.method == "POST" && head.path == "/v1/batches") {
        response.status = static_cast<unsigned>(settings.create_status);
        answer = accent_created(settings, std::move(answer));
    }
    response.body = json::serialize(answer);
}

}  // namespace batchd::sim
