#pragma once

#include "report/spending.hpp"
#include "web/frame.hpp"
#include "web/request/form.hpp"

namespace batchd::web {

/// For how long back: ?days=7, or all that is on record.
struct SpendingTime {
    unsigned days = 30;  ///< 0: all

    /// Anything that is no number of days from 1 to 36,500, and not "all", is 30.
    static SpendingTime of(const Fields& query);
    TimePoint since(TimePoint now) const;
};

/// The same money three times: by day, by model, by queue.
struct SpendingViews {
    report::Spending by_day, by_model, by_queue;
};

/// Its charts show the last days of it; the tables show all of it.
Html spending_page(const Frame& frame, const report::Status& status, const SpendingViews& views,
                   const SpendingTime& time);

/// A column for each day from the first of `rows` to the last, the newest 92 at most: days without a row are
/// there as well, with nothing in them.
std::vector<store::SpendingRow> every_day(const std::vector<store::SpendingRow>& rows);

}  // namespace batchd::web
