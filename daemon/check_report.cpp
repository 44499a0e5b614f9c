#include "check_report.hpp"

#include <array>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/units.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd {
namespace {

namespace json = boost::json;

std::string name_warning(const std::string& name) {
    switch (spool::classify_name(name)) {
        case spool::NameVerdict::take:
            return {};
        case spool::NameVerdict::temporary:
            return "the inbox leaves a file with this name alone, for it looks unfinished: name it "
                   "NAME.jsonl, "
                   "without a dot in front and without an ending such as .tmp or .part";
        default:
            return "the inbox leaves a file with this name alone, for it does not end in .jsonl: name it "
                   "NAME.jsonl";
    }
}

std::uint64_t estimated_tokens(const engine::Plan& plan) {
    std::uint64_t tokens = 0;
    for (const engine::Shard& shard : plan.shards) tokens += shard.estimated_tokens;
    return tokens;
}

std::string headline(const CheckedFile& file) {
    const engine::ScanTotals& totals = file.plan->totals;
    if (totals.mistake || (file.is_rejected && totals.bad_lines == 0))
        return engine::rejection_summary(*file.plan);
    if (totals.bad_lines == 0) return "fine";
    return count_of(totals.bad_lines, "bad line", "bad lines") +
           (file.is_rejected ? "" : ", which will be set aside");
}

std::string problems_text(const engine::Plan& plan) {
    std::string text;
    const std::size_t named = engine::problems_to_name(plan);
    for (std::size_t i = 0; i < named; ++i) text += "  " + engine::to_string(plan.problems[i]) + "\n";
    if (plan.totals.bad_lines > named)
        text += "  and " + with_commas(plan.totals.bad_lines - named) + " more bad lines\n";
    return text;
}

std::string warnings_text(const std::vector<engine::Warning>& warnings) {
    std::string text;
    for (const engine::Warning& warning : warnings) {
        text += "  warning: ";
        if (warning.line_number > 0) text += "line " + std::to_string(warning.line_number);
        if (warning.lines > 1) text += " and " + with_commas(warning.lines - 1) + " more";
        text += (warning.line_number > 0 ? ": " : "") + printable(warning.what) + "\n";
    }
    return text;
}

std::string shard_row(const std::array<std::string, 5>& cells) {
    std::array<char, 96> numbers{};
    std::snprintf(numbers.data(), numbers.size(), "  %5s  %10s  %13s  %13s  ", cells[0].c_str(),
                  cells[1].c_str(), cells[2].c_str(), cells[3].c_str());
    return numbers.data() + cells[4] + "\n";
}

std::string plan_text(const engine::Plan& plan) {
    std::string text = "  " + count_of(plan.totals.requests, "request", "requests") + ", " +
                       with_commas(plan.totals.size_bytes) + " bytes, about " +
                       with_commas(estimated_tokens(plan)) + " tokens, " +
                       count_of(plan.shards.size(), "batch", "batches") + "\n";
    if (plan.shards.empty()) return text;
    text += shard_row({"shard", "requests", "bytes", "tokens (est.)", "endpoint, model"});
    for (const engine::Shard& shard : plan.shards)
        text += shard_row({std::to_string(shard.number), with_commas(shard.requests),
                           with_commas(shard.size_bytes), with_commas(shard.estimated_tokens),
                           printable(shard.endpoint) + ", " + printable(shard.model)});
    return text;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(printable(text));
}

json::value mistake_json(const std::optional<jsonl::FileKind>& mistake) {
    if (!mistake) return nullptr;
    return json::object{{"kind", printable(mistake->kind)}, {"remedy", printable(mistake->remedy)}};
}

json::object bad_line_json(const engine::ScannedBadLine& bad) {
    return {
        {"line", bad.line_number}, {"custom_id", text_or_null(bad.custom_id)}, {"what", printable(bad.what)}};
}

json::object warning_json(const engine::Warning& warning) {
    return {{"line", warning.line_number > 0 ? json::value(warning.line_number) : json::value(nullptr)},
            {"lines", warning.line_number > 0 ? json::value(warning.lines) : json::value(nullptr)},
            {"what", printable(warning.what)}};
}

json::object shard_json(const engine::Shard& shard) {
    return {{"endpoint", printable(shard.endpoint)},
            {"model", printable(shard.model)},
            {"requests", shard.requests},
            {"bytes", shard.size_bytes},
            {"estimated_tokens", shard.estimated_tokens},
            {"cost", nullptr}};
}

json::object file_json(const CheckedFile& file) {
    static const engine::Plan kNothing;
    const engine::Plan& plan = file.plan ? *file.plan : kNothing;
    json::array bad_lines, warnings, batches;
    for (const engine::ScannedBadLine& bad : plan.problems) bad_lines.push_back(bad_line_json(bad));
    for (const engine::Warning& warning : file.warnings) warnings.push_back(warning_json(warning));
    for (const engine::Shard& shard : plan.shards) batches.push_back(shard_json(shard));
    return {
        {"file", printable(file.name)},
        {"fine", file.is_fine()},
        {"rejected", file.is_rejected},
        {"error", file.plan ? json::value(nullptr) : json::value(printable(to_string(file.plan.error())))},
        {"mistake", mistake_json(plan.totals.mistake)},
        {"requests", plan.totals.requests},
        {"bad", plan.totals.bad_lines},
        {"bad_lines", std::move(bad_lines)},
        {"warnings", std::move(warnings)},
        {"bytes", plan.totals.size_bytes},
        {"estimated_tokens", estimated_tokens(plan)},
        {"batches", std::move(batches)}};
}

}  // namespace

CheckedFile check_file(const std::string& name, const Path& path, Result<engine::Plan> plan,
                       const config::Settings& settings) {
    CheckedFile file{name, std::move(plan), {}, false};
    if (!path.empty())
        if (std::string about_name = name_warning(path.filename()); !about_name.empty())
            file.warnings.push_back({.what = std::move(about_name)});
    if (!file.plan) return file;
    file.is_rejected = engine::is_rejected(*file.plan, settings.spool.on_invalid_line);
    file.warnings.insert(file.warnings.end(), file.plan->warnings.begin(), file.plan->warnings.end());
    return file;
}

std::string check_text(const CheckedFile& file) {
    const std::string name = printable(file.name);
    if (!file.plan) return name + ": " + to_string(file.plan.error()) + "\n";
    const engine::Plan& plan = *file.plan;
    const bool has_plan = plan.totals.requests > 0 || !plan.totals.mistake;
    return name + ": " + headline(file) + "\n" + problems_text(plan) + warnings_text(file.warnings) +
           (has_plan ? plan_text(plan) : "");
}

std::string check_json(const std::vector<CheckedFile>& files) {
    json::array list;
    for (const CheckedFile& file : files) list.push_back(file_json(file));
    return json::serialize(json::object{{"files", std::move(list)}});
}

}  // namespace batchd
