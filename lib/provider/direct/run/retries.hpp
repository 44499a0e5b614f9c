#pragma once

#include <map>
#include <optional>

#include "provider/direct/run/next_step.hpp"
#include "provider/direct/run/request_source.hpp"

namespace batchd::provider::direct {

/// A row that is to be sent, for the first time or again.
struct PendingRow {
    RowRequest request;
    RowHistory history;
};

/// Rows that are sent again, each when its time has come; before any that has not been sent yet. Pure.
class Retries {
public:
    /// `due`: an uptime.
    void add(PendingRow row, Millis due) { rows_.emplace(due, std::move(row)); }

    /// The one that is due for the longest time; nothing where none is.
    std::optional<PendingRow> take(Millis now) {
        if (rows_.empty() || rows_.begin()->first > now) return {};
        std::optional<PendingRow> row(std::move(rows_.begin()->second));
        rows_.erase(rows_.begin());
        return row;
    }

    std::optional<Millis> next_due() const {
        return rows_.empty() ? std::nullopt : std::optional(rows_.begin()->first);
    }
    std::size_t size() const { return rows_.size(); }

private:
    std::multimap<Millis, PendingRow> rows_;
};

}  // namespace batchd::provider::direct
