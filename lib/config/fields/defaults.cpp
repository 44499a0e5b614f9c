#include <cmath>

#include "config/fields/composed.hpp"

namespace batchd::config {
namespace {

/// Writes JSON, and keeps what TOML has and JSON has not.
class JsonWriter {
public:
    void write(const std::string& key, const Value& value) {
        key_ = key;
        value_ = &value;
        std::visit([this](const auto& content) { add(content); }, value.content);
    }

    std::string json;
    std::vector<Complaint> complaints;

private:
    void add(bool flag) { json += flag ? "true" : "false"; }
    void add(std::int64_t number) { json += std::to_string(number); }
    void add(double number) {
        // TOML has words for infinity and for what is no number.
        if (std::isfinite(number))
            json += toml_number(number);
        else
            complain("a number that JSON has: finite");
    }
    void add(const std::string& text) { json += toml_string(text); }
    void add(const Value::Other&) { complain("what JSON has: a string, number, boolean, array or table"); }

    void add(const Value::Array& array) {
        // A copy, for the walk below changes it, and a complaint behind it needs this one.
        const std::string key = key_;
        json += '[';
        for (const Value& element : array) {
            if (&element != array.data()) json += ',';
            write(key, element);
        }
        json += ']';
    }

    void add(const Value::Table& table) {
        const std::string key = key_;
        json += '{';
        for (const Member& member : table) {
            if (&member != table.data()) json += ',';
            json += toml_string(member.name) + ":";
            write(key + "." + member.name, member.value);
        }
        json += '}';
    }

    void complain(const char* expects) {
        complaints.push_back({key_, complaint_about(*value_, expects), value_->where});
    }

    std::string key_;
    const Value* value_ = nullptr;
};

/// The split goes by it, and so do limits and prices.
bool names_a_model(const Value& value) {
    const auto* const name = std::get_if<std::string>(&value.content);
    return name != nullptr && !name->empty() && is_model(*name);
}

}  // namespace

Reading<std::string> read_defaults(const Value& value, std::string_view key) {
    const auto* const table = std::get_if<Value::Table>(&value.content);
    if (table == nullptr)
        return {{},
                {{std::string(key),
                  complaint_about(value,
                                  "a table of what bodies get that do not say otherwise, such as "
                                  "{ temperature = 0 }"),
                  value.where}}};
    JsonWriter writer;
    writer.write(std::string(key), value);
    for (const Member& member : *table) {
        if (member.name == "model" && !names_a_model(member.value))
            writer.complaints.push_back(
                {std::string(key) + ".model",
                 complaint_about(member.value, "a model's name of 1 to 256 bytes, such as \"gpt-4o-mini\""),
                 member.value.where});
        if (member.name == "stream")
            writer.complaints.push_back({std::string(key) + ".stream",
                                         "can't be a default: must be left out, for a batch does not stream",
                                         member.value.where});
    }
    // "" and not "{}": it is how a queue takes the general ones away.
    if (table->empty()) return {{}, std::move(writer.complaints)};
    return {std::move(writer.json), std::move(writer.complaints)};
}

std::string print_defaults(const std::string& json) {
    // Strings, numbers and arrays are the same in both; it is enough to say objects in the other way.
    std::string toml;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') in_string = !in_string;
        if (in_string && c == '\\') toml += json[i++];
        if (in_string || std::string_view("{}:,").find(c) == std::string_view::npos)
            toml += json[i];
        else if (c == ':')
            toml += " = ";
        else if (c == ',')
            toml += ", ";
        else
            toml += c == '{' ? "{ " : " }";
    }
    return toml.empty() ? "{}" : toml;
}

}  // namespace batchd::config
