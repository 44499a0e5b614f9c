#include "sim/fate.hpp"

#include <array>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/chance.hpp"

namespace batchd::sim {
namespace {

constexpr std::array<unsigned, 3> kTransientStatuses = {500, 503, 429};
constexpr std::uint64_t kPermanentSalt = 0x7065726d;  // keeps its lot apart from the transient one

bool is_good(unsigned status) {
    return status >= 200 && status < 300;
}

Fate answered(const Settings& settings, unsigned status) {
    return {.status = status, .in_output = is_good(status) || settings.errors_in_output};
}

Fate apart(Fate::Kind kind) {
    return {.kind = kind, .in_output = false};
}

bool takes_response_away(const RowRule& rule) {
    const boost::json::value* const response = rule.set ? rule.set->if_contains("response") : nullptr;
    return response != nullptr && response->is_null();
}

Fate kind_of(const Settings& settings, const RowRule& rule) {
    if (rule.kind == "timeout") return apart(Fate::Kind::timeout);
    if (rule.kind == "status_zero") return apart(Fate::Kind::status_zero);
    if (rule.kind == "missing") return apart(Fate::Kind::missing);
    if (rule.kind == "twice") return {.twice = true};
    if (rule.kind == "misplaced") return {.status = rule.status, .in_output = true};
    return answered(settings, rule.status);
}

Fate by_rule(const Settings& settings, const RowRule& rule) {
    Fate fate = kind_of(settings, rule);
    fate.rule = &rule;
    fate.answered_nothing = takes_response_away(rule);
    fate.in_output = fate.in_output && !fate.answered_nothing;
    return fate;
}

Fate by_lot(const Settings& settings, const InputRow& row, std::string_view batch_id) {
    if (seeded_share(settings.seed ^ kPermanentSalt, row.custom_id) < settings.permanent_rate)
        return answered(settings, 400);
    std::string drawn(batch_id);
    drawn += '/';
    drawn += row.custom_id;
    double lot = seeded_share(settings.seed, drawn);
    const auto hit = [&lot](double rate) {
        lot -= rate;
        return lot < 0;
    };
    if (hit(settings.fail_rate))
        return answered(
            settings, kTransientStatuses[seeded_hash(settings.seed + 1, drawn) % kTransientStatuses.size()]);
    if (hit(settings.timeout_rate)) return apart(Fate::Kind::timeout);
    if (hit(settings.status_zero_rate)) return apart(Fate::Kind::status_zero);
    if (hit(settings.missing_rate)) return apart(Fate::Kind::missing);
    if (hit(settings.twice_rate)) return {.twice = true};
    return {};
}

}  // namespace

bool is_retryable(const Fate& fate) {
    if (fate.answered_nothing) return true;
    if (fate.kind == Fate::Kind::missing) return false;
    if (fate.kind != Fate::Kind::answered) return true;
    return fate.status == 408 || fate.status == 409 || fate.status == 429 || fate.status >= 500;
}

bool counts_as_completed(const Fate& fate) {
    if (fate.answered_nothing) return false;
    return fate.kind == Fate::Kind::status_zero || fate.kind == Fate::Kind::missing ||
           (fate.kind == Fate::Kind::answered && is_good(fate.status));
}

Fate draw_fate(const Settings& settings, const InputRow& row, std::string_view batch_id, std::uint64_t run) {
    for (const RowRule& rule : settings.rows)
        if ((rule.runs_max == 0 || run <= rule.runs_max) &&
            glob_matches(rule.match, settings.known_by_text ? row.text : row.custom_id))
            return by_rule(settings, rule);
    if (!row.bad_param.empty()) return answered(settings, 400);
    return by_lot(settings, row, batch_id);
}

Fate unreached(Fate::Kind kind) {
    return apart(kind);
}

}  // namespace batchd::sim
