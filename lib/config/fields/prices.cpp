#include "config/fields/composed.hpp"

namespace batchd::config {
namespace {

/// As the file has it, to the last digit that matters: the shortest text that is the same number.
std::optional<std::string> number_text(const Value& value) {
    if (const auto* const whole = std::get_if<std::int64_t>(&value.content)) return std::to_string(*whole);
    if (const auto* const number = std::get_if<double>(&value.content)) return toml_number(*number);
    return std::nullopt;
}

void complain(std::vector<Complaint>& complaints, std::string key, const Value& value,
              const std::string& expects) {
    complaints.push_back({std::move(key), complaint_about(value, expects), value.where});
}

}  // namespace

Reading<std::map<std::string, ModelPrices>> read_prices(const Value& value, std::string_view key) {
    Reading<std::map<std::string, ModelPrices>> reading;
    const std::string name(key);
    const auto* const models = std::get_if<Value::Table>(&value.content);
    if (models == nullptr) complain(reading.complaints, name, value, "a table of models");
    for (const Member& model : models == nullptr ? Value::Table{} : *models) {
        const auto* const prices = std::get_if<Value::Table>(&model.value.content);
        if (prices == nullptr)
            complain(reading.complaints, name + "." + model.name, model.value,
                     "a table of prices, such as { input_cost_per_token = 1.5e-7 }");
        for (const Member& price : prices == nullptr ? Value::Table{} : *prices) {
            // A name with a dot and without quotes is a table in a table.
            if (const auto number = number_text(price.value))
                reading.value[model.name][price.name] = *number;
            else
                complain(reading.complaints, name + "." + model.name + "." + price.name, price.value,
                         "a number of dollars for one token; a model's name with a dot is in quotes");
        }
        // An empty table says that nobody knows its price, also where the shipped list has one.
        if (prices != nullptr && prices->empty()) reading.value.try_emplace(model.name);
    }
    return reading;
}

std::string print_prices(const std::map<std::string, ModelPrices>& models) {
    std::string all;
    for (const auto& [name, prices] : models) {
        std::string members;
        for (const auto& [key, number] : prices)
            members += (members.empty() ? "{ " : ", ") + toml_string(key) + " = " + number;
        all += (all.empty() ? "{ " : ", ") + toml_string(name) + " = " +
               // In one line: an inline table of TOML 1.0 may not go over several.
               (members.empty() ? "{}" : members + " }");
    }
    return all.empty() ? "{}" : all + " }";
}

}  // namespace batchd::config
