#include "report/check_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/text/json_values.hpp"
#include "base/units.hpp"
#include "money/money_json.hpp"
#include "report/money_text.hpp"

namespace batchd::report {
namespace {

namespace json = boost::json;

std::uint64_t estimated_tokens(const CheckedFile& file) {
    std::uint64_t tokens = 0;
    for (const PlannedBatch& batch : file.batches) tokens += batch.estimated_tokens;
    return tokens;
}

/// Of all batches; nothing where the price of one is not known.
std::optional<std::int64_t> estimated_cost(const CheckedFile& file) {
    std::int64_t cost = 0;
    for (const PlannedBatch& batch : file.batches) {
        // A sum without one of its parts would be read as the price of all.
        if (!batch.cost) return std::nullopt;
        cost += *batch.cost;
    }
    return cost;
}

std::string headline(const CheckedFile& file) {
    // What is wrong with all of it makes every count beside it beside the point.
    if (!file.flaw.empty()) return file.flaw;
    if (file.bad_lines_total == 0) return "fine";
    return count_of(file.bad_lines_total, "bad line", "bad lines") +
           (file.is_rejected ? "" : ", which will be set aside");
}

std::string bad_lines_text(const CheckedFile& file) {
    std::string text;
    for (std::size_t i = 0; i < file.bad_lines_to_name; ++i)
        text += "  line " + std::to_string(file.bad_lines[i].line_number) + ": " +
                printable(file.bad_lines[i].what) + "\n";
    // How many more there are is said always, so that nobody takes the first hundred for all.
    if (file.bad_lines_total > file.bad_lines_to_name)
        text += "  and " + with_commas(file.bad_lines_total - file.bad_lines_to_name) + " more bad lines\n";
    return text;
}

std::string warnings_text(const std::vector<CheckWarning>& warnings) {
    std::string text;
    for (const CheckWarning& warning : warnings) {
        text += "  warning: ";
        if (warning.line_number > 0) text += "line " + std::to_string(warning.line_number);
        if (warning.lines > 1) text += " and " + with_commas(warning.lines - 1) + " more";
        text += (warning.line_number > 0 ? ": " : "") + printable(warning.what) + "\n";
    }
    return text;
}

/// `cost` is left out where it is "".
std::string shard_row(const std::array<std::string, 4>& numbers, const std::string& cost,
                      const std::string& what) {
    // The numbers are cut by nothing: each is of our own making, and none has so many digits.
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "  %5s  %10s  %13s  %13s  ", numbers[0].c_str(),
                  numbers[1].c_str(), numbers[2].c_str(), numbers[3].c_str());
    if (cost.empty()) return text.data() + what + "\n";
    std::array<char, 48> money{};
    std::snprintf(money.data(), money.size(), "%10s  ", cost.c_str());
    return std::string(text.data()) + money.data() + what + "\n";
}

std::string plan_line(const CheckedFile& file) {
    std::string text = "  " + count_of(file.requests, "request", "requests") + ", " +
                       with_commas(file.size_bytes) + " bytes, about " + with_commas(estimated_tokens(file)) +
                       " tokens, " + count_of(file.batches.size(), "batch", "batches");
    // How long the answers get is a guess, and so is the money.
    const auto cost = estimated_cost(file);
    if (cost && !file.batches.empty()) text += ", about " + money_text(cost) + " USD";
    return text + "\n";
}

std::string batches_text(const CheckedFile& file) {
    std::string text = plan_line(file);
    // A head without lines under it looks like something that went missing.
    if (file.batches.empty()) return text;
    const bool has_prices = std::any_of(file.batches.begin(), file.batches.end(),
                                        [](const PlannedBatch& batch) { return batch.cost.has_value(); });
    text += shard_row({"shard", "requests", "bytes", "tokens (est.)"}, has_prices ? "USD (est.)" : "",
                      "endpoint, model");
    for (const PlannedBatch& batch : file.batches)
        text += shard_row({std::to_string(batch.shard), with_commas(batch.requests),
                           with_commas(batch.size_bytes), with_commas(batch.estimated_tokens)},
                          has_prices ? money_text(batch.cost) : "",
                          printable(batch.endpoint) + ", " + printable(batch.model));
    return text;
}

json::value mistake_json(const std::optional<jsonl::FileKind>& mistake) {
    if (!mistake) return nullptr;
    return json::object{{"kind", printable(mistake->kind)}, {"remedy", printable(mistake->remedy)}};
}

json::object bad_line_json(const BadLine& bad) {
    return {
        {"line", bad.line_number}, {"custom_id", text_or_null(bad.custom_id)}, {"what", printable(bad.what)}};
}

json::object warning_json(const CheckWarning& warning) {
    // A warning about the file as a whole has no line, and null says so; 0 would be taken for one.
    return {{"line", warning.line_number > 0 ? json::value(warning.line_number) : json::value(nullptr)},
            {"lines", warning.line_number > 0 ? json::value(warning.lines) : json::value(nullptr)},
            {"what", printable(warning.what)}};
}

json::object planned_json(const PlannedBatch& batch) {
    return {{"endpoint", printable(batch.endpoint)},
            {"model", printable(batch.model)},
            {"requests", batch.requests},
            {"bytes", batch.size_bytes},
            {"estimated_tokens", batch.estimated_tokens},
            // null is "not known", and 0 would be a price.
            {"cost", money::money_or_null(batch.cost)}};
}

json::object file_json(const CheckedFile& file) {
    json::array bad_lines, warnings, batches;
    for (const BadLine& bad : file.bad_lines) bad_lines.push_back(bad_line_json(bad));
    for (const CheckWarning& warning : file.warnings) warnings.push_back(warning_json(warning));
    for (const PlannedBatch& batch : file.batches) batches.push_back(planned_json(batch));
    return {{"file", printable(file.name)},
            {"fine", file.is_fine()},
            {"rejected", file.is_rejected},
            {"error",
             file.unreadable ? json::value(printable(to_string(*file.unreadable))) : json::value(nullptr)},
            {"mistake", mistake_json(file.mistake)},
            {"requests", file.requests},
            {"bad", file.bad_lines_total},
            {"bad_lines", std::move(bad_lines)},
            {"warnings", std::move(warnings)},
            {"bytes", file.size_bytes},
            {"estimated_tokens", estimated_tokens(file)},
            {"cost", money::money_or_null(file.batches.empty() ? std::nullopt : estimated_cost(file))},
            {"batches", std::move(batches)}};
}

}  // namespace

std::string check_text(const CheckedFile& file) {
    const std::string name = printable(file.name);
    if (file.unreadable) return name + ": " + to_string(*file.unreadable) + "\n";
    // Of a file that is no JSON lines at all, "0 requests, 0 batches" would only repeat the headline.
    const bool has_plan = file.requests > 0 || !file.mistake;
    return name + ": " + headline(file) + "\n" + bad_lines_text(file) + warnings_text(file.warnings) +
           (has_plan ? batches_text(file) : "");
}

std::string check_json(const std::vector<CheckedFile>& files) {
    json::array list;
    for (const CheckedFile& file : files) list.push_back(file_json(file));
    return json::serialize(json::object{{"files", std::move(list)}});
}

}  // namespace batchd::report
