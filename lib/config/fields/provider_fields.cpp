#include "config/fields/composed.hpp"
#include "config/values/base_url.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

// Far above what any server takes, and far below what a sum of them could overflow by.
constexpr std::int64_t kPerMinuteMax = 1'000'000'000'000;

constexpr std::array kKinds{Word<Kind>{"openai", Kind::openai},       Word<Kind>{"azure", Kind::azure},
                            Word<Kind>{"mistral", Kind::mistral},     Word<Kind>{"gemini", Kind::gemini},
                            Word<Kind>{"anthropic", Kind::anthropic}, Word<Kind>{"direct", Kind::direct}};

Field<Provider> base_url_field() {
    const auto convert = [](const Value& value) -> std::optional<std::string> {
        const std::string* const text = as_text(value);
        return text == nullptr ? std::nullopt : normalize_base_url(*text);
    };
    const auto format = [](const std::string& url) {
        return url.empty() ? std::nullopt : std::optional(toml_string(url));
    };
    return make_field<Provider>({"base_url",
                                 "an https:// address without user, query or fragment, such as "
                                 "\"https://api.openai.com/v1\""},
                                AT(base_url), convert, format);
}

/// "none", and nothing that is a key: this file is shown to people.
Field<Provider> api_key_field() {
    auto field = text_field<Provider>(
        {"api_key",
         "\"none\", for a server without keys: a key itself belongs into a file of its own, named by "
         "api_key_file, or into the systemd credential api_key (api_key.NAME for [provider.NAME])"},
        AT(api_key), [](const std::string& word) { return word.empty() || word == "none"; });
    field.read = [read = field.read](const Value& value, Provider& provider) {
        std::vector<Complaint> complaints = read(value, provider);
        for (Complaint& complaint : complaints)
            // What stands there is most likely a key, and complaints are logged and pasted.
            complaint.what = "is something else, not shown here" +
                             complaint.what.substr(complaint.what.rfind(": must be "));
        return complaints;
    };
    return field;
}

bool is_header_name(std::string_view name) {
    static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";  // Source: RFC 9110, 5.6.2
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kOthers.find(c) != std::string_view::npos;
    });
}

bool is_query(std::string_view query) {
    // The sign in front is ours to put, once.
    return is_header_word(query) && !query.starts_with('?') && !query.starts_with('&') &&
           query.find('#') == std::string_view::npos;
}

bool is_word(std::string_view word) {
    return !word.empty() && word.size() <= 64 && is_header_word(word);
}

/// "0s" is how a kind's expiry is taken away.
Field<Provider> file_expiry_field() {
    auto field = duration_field<Provider>("file_expiry", AT(dialect.file_expiry), 1h, 30 * 24h);
    field.expects = "\"0s\" for none, or " + field.expects;
    field.read = [read = field.read](const Value& value, Provider& provider) {
        const std::string* const text = as_text(value);
        // Below the hour that the field begins with, and so no value that it could mean otherwise.
        if (text == nullptr || *text != "0s") return read(value, provider);
        provider.dialect.file_expiry.reset();
        return std::vector<Complaint>{};
    };
    field.print = [print = field.print](const Provider& provider) {
        return provider.dialect.file_expiry ? print(provider) : std::optional<std::string>("\"0s\"");
    };
    return field;
}

Field<Provider> models_field() {
    const StringTableRule rule{"{ \"gpt-4o-mini\" = \"my-deployment\" }", "a model's name of 1 to 256 bytes",
                               [](std::string_view name, std::string_view sent) {
                                   return !name.empty() && !sent.empty() && is_model(name) && is_model(sent);
                               }};
    return composed_field<Provider>(
        {"models", "a table of strings"}, AT(models),
        [=](const Value& value, std::string_view key) { return read_string_table(value, key, rule); },
        print_strings);
}

Field<Provider> status_words_field() {
    // Source: https://platform.openai.com/docs/api-reference/batch/object, "status".
    static constexpr std::array<std::string_view, 8> kWords{"validating", "failed",    "in_progress",
                                                            "finalizing", "completed", "expired",
                                                            "cancelling", "cancelled"};
    const StringTableRule rule{
        "{ \"in_queue\" = \"validating\" }",
        "one of OpenAI's: \"validating\", \"failed\", \"in_progress\", \"finalizing\", \"completed\", "
        "\"expired\", \"cancelling\" or \"cancelled\"",
        [](std::string_view name, std::string_view word) {
            return !name.empty() && std::find(kWords.begin(), kWords.end(), word) != kWords.end();
        }};
    return composed_field<Provider>(
        {"status_words", "a table of strings"}, AT(dialect.status_words),
        [=](const Value& value, std::string_view key) { return read_string_table(value, key, rule); },
        print_strings);
}

Field<Provider> line_urls_field() {
    const StringTableRule rule{
        "{ \"/v1/\" = \"/v4/\" }",
        "the beginning of a path for the beginning of another, such as \"/v1/\" = \"/v4/\"",
        [](std::string_view from, std::string_view to) { return is_endpoint(from) && is_endpoint(to); }};
    return composed_field<Provider>(
        {"line_urls", "a table of strings"}, AT(dialect.line_urls),
        [=](const Value& value, std::string_view key) { return read_string_table(value, key, rule); },
        print_strings);
}

/// Whom we talk to, and how.
Fields<Provider> shared_fields() {
    const std::string id = "an id of printable ASCII without spaces";
    return {
        choice_field<Provider>("kind", AT(kind), kKinds),
        base_url_field(),
        flag_field<Provider>("allow_plain_http", AT(allow_plain_http)),
        path_field<Provider>("api_key_file", AT(api_key_file)),
        api_key_field(),
        text_field<Provider>({"organization", id}, AT(organization), is_header_word),
        text_field<Provider>({"project", id}, AT(project), is_header_word),
        path_field<Provider>("ca_file", AT(ca_file)),
        duration_field<Provider>("timeout", AT(timeout), 100ms, 1h),
        count_field<Provider>("max_connections", AT(max_connections), 1, 64),
        duration_field<Provider>("list_lag", AT(list_lag), 0ms, 1h),
        flag_field<Provider>("delete_files", AT(delete_files)),
        models_field(),
        count_field<Provider>("max_in_flight", AT(max_in_flight), 1, 1024),
        count_field<Provider>("requests_per_minute", AT(requests_per_minute), 0, kPerMinuteMax),
        count_field<Provider>("tokens_per_minute", AT(tokens_per_minute), 0, kPerMinuteMax),
        count_field<Provider>("max_requests", AT(max_requests), 1, kRequestsMax),
        size_field<Provider>("max_bytes", AT(max_bytes), kBytesMax),
    };
}

// Far above any limit that a provider has.
constexpr std::uint64_t kIdMax = 1'000'000;

/// How it differs from OpenAI.
Fields<Provider> dialect_fields() {
    return {
        text_field<Provider>({"auth_header", "a header's name, such as \"Authorization\" or \"api-key\""},
                             AT(dialect.auth_header), is_header_name),
        flag_field<Provider>("key_names_account", AT(dialect.key_names_account)),
        text_field<Provider>(
            {"query", "what stands behind the \"?\" of a URL, such as \"api-version=2024-10-21\""},
            AT(dialect.query), is_query, Empty::is_a_value),
        text_field<Provider>(
            {"create_endpoint",
             "a path that begins with \"/\", such as \"/chat/completions\", or \"\" for that of the lines"},
            AT(dialect.create_endpoint),
            [](const std::string& path) { return path.empty() || is_endpoint(path); }, Empty::is_a_value),
        flag_field<Provider>("wait_for_processed", AT(dialect.wait_for_processed)),
        composed_field<Provider>({"windows", "an array of strings"}, AT(dialect.windows), read_windows,
                                 print_array),
        flag_field<Provider>("send_window", AT(dialect.send_window)),
        text_field<Provider>({"purpose", "a word, such as \"batch\""}, AT(dialect.purpose), is_word),
        text_field<Provider>({"upload_path", "a path that begins with \"/\", such as \"/files\""},
                             AT(dialect.upload_path), is_endpoint),
        text_field<Provider>(
            {"filename_field", "a field's name, such as \"file_name\", or \"\" for none"},
            AT(dialect.filename_field), [](const std::string& name) { return name.empty() || is_word(name); },
            Empty::is_a_value),
        file_expiry_field(),
        flag_field<Provider>("metadata", AT(dialect.metadata)),
        flag_field<Provider>("list_batches", AT(dialect.list_batches)),
        flag_field<Provider>("list_files", AT(dialect.list_files)),
        text_field<Provider>({"list_field", "a member's name, such as \"data\""}, AT(dialect.list_field),
                             is_word),
        text_field<Provider>(
            {"answer_field",
             "a member's name, such as \"job\", or \"\" where the answer is the batch itself"},
            AT(dialect.answer_field), [](const std::string& name) { return name.empty() || is_word(name); },
            Empty::is_a_value),
        status_words_field(),
        line_urls_field(),
        count_field<Provider>("max_custom_id", AT(dialect.max_custom_id), 0, kIdMax),
    };
}

Fields<Provider> make_provider_fields() {
    Fields<Provider> fields = shared_fields();
    for (Field<Provider>& field : dialect_fields()) fields.push_back(std::move(field));
    return fields;
}

}  // namespace

const Fields<Provider>& provider_fields() {
    static const Fields<Provider> fields = make_provider_fields();
    return fields;
}

}  // namespace batchd::config
