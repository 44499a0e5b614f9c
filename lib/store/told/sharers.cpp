#include "store/told/sharers.hpp"

#include <tuple>
#include <vector>

#include "base/log.hpp"
#include "base/units.hpp"

namespace batchd::store {
namespace {

// Hundreds may share a batch: who is told looks at one of them, and has the number of all.
constexpr std::size_t kNamesMax = 3;

/// One of the jobs that share a batch, and how many they are.
struct Sharer {
    std::string queue, name;
    std::uint64_t all = 0;
};

auto columns_of(Sharer& sharer) {
    return std::tie(sharer.queue, sharer.name, sharer.all);
}

/// " of late/a, late/b, c and 17 others: "
std::string of_sharers(const std::vector<Sharer>& first) {
    std::string text;
    for (const Sharer& sharer : first) {
        text += text.empty() ? " of " : ", ";
        text += printable((sharer.queue == "default" ? "" : sharer.queue + "/") + sharer.name);
    }
    const std::uint64_t left = first.empty() ? 0 : first.front().all - first.size();
    if (left > 0) text += " and " + count_of(left, "other", "others");
    return text + ": ";
}

}  // namespace

Result<void> name_sharers(Database& database, BatchRowId batch) {
    const auto sharers = database.query<Sharer>(
        "SELECT j.queue, j.name, count(*) OVER () FROM parts p JOIN jobs j ON j.id = p.job_id"
        " WHERE p.batch = ? AND p.left_at IS NULL GROUP BY j.id ORDER BY j.id LIMIT ?",
        batch, kNamesMax);
    if (!sharers) return sharers.error();
    return database.run(
        "UPDATE notices SET text = iif(b.batch_id IS NULL, 'a batch', 'batch ' || b.batch_id) || ? || text,"
        " provider = b.provider,"
        " queue = (SELECT group_concat(queue) FROM (SELECT DISTINCT j.queue FROM parts p"
        " JOIN jobs j ON j.id = p.job_id WHERE p.batch = b.id AND p.left_at IS NULL ORDER BY j.queue))"
        " FROM batches b WHERE b.id = ? AND notices.id = (SELECT max(id) FROM notices)"
        // Another one than that, where its own could not be recorded, is left as it is.
        " AND notices.job_id IS NULL AND notices.queue IS NULL",
        of_sharers(*sharers), batch);
}

}  // namespace batchd::store
