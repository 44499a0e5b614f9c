#include "config/fields/composed.hpp"
#include "config/values/table_name.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

/// A schedule seldom comes less often than once in a year, and nothing should wait for longer.
constexpr Millis kCollectMax = 366 * 24h;

Field<Queue> from(std::string_view general, Field<Queue> field) {
    // Named here, beside the field, so that printing says where a value comes from.
    field.inherits = general;
    return field;
}

bool is_default_or_table_name(std::string_view name) {
    return name == "default" || is_table_name(name);
}

bool is_one_line(std::string_view text) {
    return text.size() <= 256;
}

constexpr std::size_t kTemplateBytesMax = 64 * 1024;

/// A text of several lines, as somebody writes JSON.
std::optional<std::string> as_template(const Value& value) {
    const std::string* const text = as_text(value);
    if (text == nullptr || text->size() > kTemplateBytesMax) return std::nullopt;
    for (const char c : *text)
        // Other controls are not allowed within JSON anyway, and would spoil a terminal.
        if (c != '\n' && c != '\r' && c != '\t' && has_control_characters({&c, 1})) return std::nullopt;
    return *text;
}

/// What becomes of the answers, and what they may cost.
Fields<Queue> after_and_before() {
    return {
        text_field<Queue>({"budget", "an amount for a day, a month or a job, such as \"50 USD/day\""},
                          AT(budget), is_one_line),
        text_field<Queue>({"then", "the name of a queue, for which there is a [queue.NAME], or \"default\""},
                          AT(then), is_default_or_table_name),
        make_field<Queue>(
            {"then_template",
             "a JSON text of at most 64 KiB, such as '{\"messages\": [{\"role\": \"user\", \"content\": "
             "\"Translate: {{answer}}\"}]}'"},
            AT(then_template), as_template, [](const std::string& text) {
                return text.empty() ? std::nullopt : std::optional(toml_string(text));
            })};
}

/// The values that are the general ones where a queue is silent.
Fields<Queue> inherited() {
    return {
        from(
            "batch.endpoint",
            text_field<Queue>({"endpoint", "a path that begins with \"/\", such as \"/v1/chat/completions\""},
                              AT(endpoint), is_endpoint)),
        from("batch.model",
             text_field<Queue>({"model", "a model's name of at most 256 bytes"}, AT(model), is_model)),
        from("batch.completion_window",
             text_field<Queue>({"completion_window", "a time window of the provider, such as \"24h\""},
                               AT(completion_window), is_window)),
        from("batch.metadata", composed_field<Queue>({"metadata", "a table of at most 14 strings"},
                                                     AT(metadata), read_metadata, print_strings)),
        from("batch.defaults",
             composed_field<Queue>({"defaults", "a table"}, AT(defaults), read_defaults, print_defaults)),
        from("batch.share", flag_field<Queue>("share", AT(share))),
        from("batch.max_requests", count_field<Queue>("max_requests", AT(max_requests), 1, kRequestsMax)),
        from("batch.max_bytes", size_field<Queue>("max_bytes", AT(max_bytes), kBytesMax)),
        from("batch.enqueued_tokens",
             composed_field<Queue>({"enqueued_tokens", "a table of models and numbers of tokens"},
                                   AT(enqueued_tokens), read_token_limits, print_token_limits)),
        from("spool.on_invalid_line",
             choice_field<Queue>("on_invalid_line", AT(on_invalid_line), kOnInvalidLineWords)),
        from("retry.row_attempts", count_field<Queue>("row_attempts", AT(row_attempts), 1, 20)),
    };
}

Fields<Queue> make_queue_fields() {
    Fields<Queue> fields{text_field<Queue>(
        {"provider", "the name of a provider, for which there is a [provider.NAME]; without it, [provider]"},
        AT(provider), is_table_name)};
    for (Field<Queue>& field : inherited()) fields.push_back(std::move(field));
    fields.push_back(duration_field<Queue>("collect", AT(collect), 0ms, kCollectMax));
    fields.push_back(count_field<Queue>("collect_requests", AT(collect_requests), 1, kRequestsMax));
    fields.push_back(
        text_field<Queue>({"schedule", "cron's five fields, such as \"0 2 * * mon-fri\", or \"@daily\""},
                          AT(schedule), is_one_line));
    fields.push_back(
        text_field<Queue>({"timezone", "a time zone, such as \"Europe/Berlin\""}, AT(timezone), is_one_line));
    fields.push_back(count_field<Queue>("priority", AT(priority), -100, 100));
    fields.push_back(
        text_field<Queue>({"group", "a Unix group, such as \"editors\""}, AT(group), is_one_line));
    for (Field<Queue>& field : after_and_before()) fields.push_back(std::move(field));
    fields.push_back(text_field<Queue>(
        {"fallback", "the name of a provider, for which there is a [provider.NAME], or \"default\""},
        AT(fallback), is_default_or_table_name));
    fields.push_back(duration_field<Queue>("deadline", AT(deadline), 1s, kCollectMax));
    return fields;
}

}  // namespace

const Fields<Queue>& queue_fields() {
    static const Fields<Queue> fields = make_queue_fields();
    return fields;
}

}  // namespace batchd::config
