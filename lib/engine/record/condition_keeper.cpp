#include "engine/record/condition_keeper.hpp"

#include <algorithm>

namespace batchd::engine {

Result<void> ConditionKeeper::begin() {
    auto rows = store_.conditions.all();
    if (!rows) return rows.error();
    for (store::Condition& row : *rows) {
        // A trigger of the schema sets the first of the two, and the intakes the second.
        if (row.kind == "held" || row.kind == "left_alone") continue;
        Name name{row.kind, row.about};
        kept_.emplace(std::move(name), std::move(row));
    }
    return {};
}

Result<void> ConditionKeeper::keep(std::vector<store::Condition> now) {
    std::map<Name, store::Condition> wanted;
    for (store::Condition& condition : now) {
        condition.text = printable(log_.redacted(condition.text));
        Name name{condition.kind, condition.about};
        wanted.emplace(std::move(name), std::move(condition));
    }
    const auto is_same = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.text == b.second.text;
    };
    if (std::equal(wanted.begin(), wanted.end(), kept_.begin(), kept_.end(), is_same)) return {};
    const auto written = store_.database.transact([&] { return write(wanted); });
    if (written) kept_ = std::move(wanted);
    return written;
}

Result<void> ConditionKeeper::write(const std::map<Name, store::Condition>& wanted) {
    for (const auto& [name, condition] : kept_)
        if (!wanted.contains(name))
            if (auto cleared = store_.conditions.clear(name.first, name.second); !cleared) return cleared;
    for (const auto& [name, condition] : wanted) {
        const auto before = kept_.find(name);
        if (before != kept_.end() && before->second.text == condition.text) continue;
        // One whose text has changed keeps what the table has, where it is the same wait with another number.
        const TimePoint since = condition.since == TimePoint{} ? clock_.now() : condition.since;
        if (auto set = store_.conditions.set(condition, since); !set) return set;
    }
    return {};
}

}  // namespace batchd::engine
