#include <algorithm>

#include "config/fields/composed.hpp"
#include "config/values/notice_words.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array kNotifyKinds{
    Word<NotifyKind>{"slack", NotifyKind::slack},     Word<NotifyKind>{"discord", NotifyKind::discord},
    Word<NotifyKind>{"webhook", NotifyKind::webhook}, Word<NotifyKind>{"ntfy", NotifyKind::ntfy},
    Word<NotifyKind>{"ping", NotifyKind::ping},       Word<NotifyKind>{"command", NotifyKind::command}};

/// An array of texts that all `fit`.
template <class Fits>
auto texts_that(std::string expects, Fits fits) {
    return [=](const Value& value, std::string_view key) {
        Reading<std::vector<std::string>> reading;
        const auto* const array = std::get_if<Value::Array>(&value.content);
        if (array == nullptr)
            reading.complaints.push_back({std::string(key), complaint_about(value, expects), value.where});
        for (const Value& element : array == nullptr ? Value::Array{} : *array) {
            const std::string* const text = as_text(element);
            if (text != nullptr && fits(*text))
                reading.value.push_back(*text);
            else
                reading.complaints.push_back(
                    {std::string(key), "has " + describe(element) + ": must be " + expects, element.where});
        }
        return reading;
    };
}

std::string words_to_choose() {
    std::string words = "an array of";
    for (const std::string_view word : kNoticeWords) words += " " + toml_string(word) + ",";
    return words + " or [\"all\"]";
}

bool is_notice_word(const std::string& word) {
    // "all" is a word of its own, so that a kind of notice that comes later is among them.
    return word == "all" || std::find(kNoticeWords.begin(), kNoticeWords.end(), word) != kNoticeWords.end();
}

Field<NotifyTarget> texts(std::string_view name, std::string expects,
                          std::vector<std::string> NotifyTarget::* member, bool (*fits)(const std::string&)) {
    const auto where = [member](auto& target) -> auto& { return target.*member; };
    return composed_field<NotifyTarget>({name, expects}, where, texts_that(expects, fits), print_array);
}

/// A program by its path, so that nobody's PATH decides what runs; a NUL would end an argument.
std::vector<Complaint> read_command(const Value& value, NotifyTarget& target) {
    // An array and no line: there is no shell that would take it apart.
    static const std::string kExpects =
        "a program's absolute path and its arguments, such as [\"/usr/local/bin/load-answers\", \"--fast\"]";
    const auto reading = texts_that(kExpects, [](const std::string& text) {
        return text.find('\0') == std::string::npos;
    })(value, "command");
    if (!reading.complaints.empty()) return reading.complaints;
    if (reading.value.empty() || !reading.value.front().starts_with('/'))
        return {
            {"command",
             "is " + (reading.value.empty() ? "[]" : print_array(reading.value)) + ": must be " + kExpects,
             value.where}};
    target.command = reading.value;
    return {};
}

Field<NotifyTarget> command_field() {
    Field<NotifyTarget> field{"command", "a program's absolute path and its arguments", read_command, {}};
    field.print = [](const NotifyTarget& target) {
        return target.command.empty() ? std::nullopt : std::optional(print_array(target.command));
    };
    return field;
}

}  // namespace

std::string_view to_string(NotifyKind kind) {
    for (const auto& word : kNotifyKinds)
        if (word.value == kind) return word.word;
    return {};
}

const Fields<Notify>& notify_fields() {
    static const Fields<Notify> fields{duration_field<Notify>("patience", AT(patience), 0ms, 30 * 24h)};
    return fields;
}

const Fields<NotifyTarget>& notify_target_fields() {
    static const Fields<NotifyTarget> fields{
        choice_field<NotifyTarget>("kind", AT(kind), kNotifyKinds),
        path_field<NotifyTarget>("url_file", AT(url_file)),
        path_field<NotifyTarget>("secret_file", AT(secret_file)),
        texts("on", words_to_choose(), &NotifyTarget::on, is_notice_word),
        texts("queues", "an array of queues' names, such as [\"nightly\"]; [] for all", &NotifyTarget::queues,
              [](const std::string& name) { return !name.empty() && name.size() <= 64; }),
        command_field(),
        duration_field<NotifyTarget>("timeout", AT(timeout), 1s, 7 * 24h),
        path_field<NotifyTarget>("ca_file", AT(ca_file)),
    };
    return fields;
}

}  // namespace batchd::config
