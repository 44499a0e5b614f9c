#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace batchd::store {

/// A row of `targets`: how far one of [notify.NAME] has been told.
struct Target {
    std::string name;
    std::int64_t notice = 0;  ///< up to this one it is done with
    std::optional<TimePoint> told_at{};
    std::optional<TimePoint> failing_since{};
    std::string error{};
};

/// The table `targets`. Each change is one statement; `database` must outlive it. Errors: SQLite's.
class Targets {
public:
    explicit Targets(Database& database) : database_(database) {}

    /// The target's row; where it has none it gets one, and is told of what comes from now on.
    Result<Target> find_or_add(const std::string& name);
    /// In the order of their names, whether they are configured or not.
    Result<std::vector<Target>> all();
    /// A message with everything up to `notice` has got through.
    Result<void> record_told(const std::string& name, std::int64_t notice, TimePoint at);
    /// What is up to `notice` is not for it, or given up.
    Result<void> record_passed(const std::string& name, std::int64_t notice);
    /// A message has not got through; `error` is free of secrets. It fails since `at` where it did not
    /// before.
    Result<void> record_failure(const std::string& name, std::string_view error, TimePoint at);
    /// One that was removed and comes back is told of nothing that came in between.
    Result<void> remove(const std::string& name);

private:
    Database& database_;
};

}  // namespace batchd::store
