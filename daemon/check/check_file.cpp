#include "daemon/check/check_file.hpp"

#include "config/effective.hpp"
#include "engine/budget/job_estimate.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd {
namespace {

std::string name_warning(const std::string& name) {
    // A file that is checked often lies elsewhere under a working name, so this is a warning and no
    // mistake.
    switch (spool::classify_name(name)) {
        case spool::NameVerdict::take:
            return {};
        case spool::NameVerdict::temporary:
            return "the inbox leaves a file with this name alone, for it looks unfinished: name it "
                   "NAME.jsonl, without a dot in front and without an ending such as .tmp or .part";
        default:
            return "the inbox leaves a file with this name alone, for it does not end in .jsonl: name it "
                   "NAME.jsonl";
    }
}

void add_lines(report::CheckedFile& file, engine::Plan& plan) {
    file.bad_lines_total = plan.totals.bad_lines;
    // Where the file as a whole is wrong, the hundredth line says nothing that the third did not.
    file.bad_lines_to_name = engine::problems_to_name(plan);
    for (engine::ScannedBadLine& bad : plan.problems)
        file.bad_lines.push_back({bad.line_number, std::move(bad.custom_id), std::move(bad.what)});
    for (engine::Warning& warning : plan.warnings)
        file.warnings.push_back({warning.line_number, warning.lines, std::move(warning.what)});
}

void add_batches(report::CheckedFile& file, engine::Plan& plan, const config::Provider& provider,
                 const money::PriceBook& prices) {
    for (engine::Shard& shard : plan.shards) {
        // As long as nothing is known of the answers, by what is usual of them.
        const auto cost = engine::estimated_cost({{shard.model, shard.requests, shard.estimated_tokens}},
                                                 provider, prices, money::TokenHistory());
        file.batches.push_back({.shard = shard.number,
                                .endpoint = std::move(shard.endpoint),
                                .model = std::move(shard.model),
                                .requests = shard.requests,
                                .size_bytes = shard.size_bytes,
                                .estimated_tokens = shard.estimated_tokens,
                                .cost = cost ? std::optional(cost->count()) : std::nullopt});
    }
}

}  // namespace

report::CheckedFile check_file(const std::string& name, const Path& path, Result<engine::Plan> plan,
                               const config::Settings& settings, const money::PriceBook& prices) {
    report::CheckedFile file;
    file.name = name;
    if (!path.empty())
        if (std::string about_name = name_warning(path.filename()); !about_name.empty())
            file.warnings.push_back({.what = std::move(about_name)});
    if (!plan) {
        file.unreadable = plan.error();
        return file;
    }
    const engine::ScanTotals& totals = plan->totals;
    file.is_rejected = engine::is_rejected(*plan, plan->terms.on_invalid_line);
    // Bad lines are shown one by one, so the sentence is for what can't be said of a line.
    if (totals.mistake || (file.is_rejected && totals.bad_lines == 0))
        file.flaw = engine::rejection_summary(*plan);
    file.mistake = totals.mistake;
    file.requests = totals.requests;
    file.size_bytes = totals.size_bytes;
    add_lines(file, *plan);
    const config::Provider* const provider = config::find_provider(settings, plan->terms.provider);
    add_batches(file, *plan, provider == nullptr ? settings.provider : *provider, prices);
    return file;
}

}  // namespace batchd
