#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// A job as it was when something about it was to be told.
struct NoticeJob {
    JobId id;  ///< 0: the notice is about the daemon
    std::string name;
    std::string queue;
    std::string provider;
    std::string state;
    std::string reason;
    std::string folder;
    std::uint64_t requests = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    std::optional<TimePoint> created_at{};
    std::optional<TimePoint> finished_at{};
};

/// A row of `notices`: something that people want to be told.
struct Notice {
    std::int64_t id = 0;
    std::string key;  ///< the same for all tries: "msg_" and 32 hexadecimal digits
    TimePoint at{};
    std::string type;    ///< "done", "failed", "held" …: see schema.sql
    std::string text;    ///< one line, free of secrets
    std::string target;  ///< whom alone it is for; "": all
    NoticeJob job;
};

/// Where a reader stands: it has seen the notices up to this one.
struct NoticePlace {
    std::int64_t id = 0;            ///< 0: it has seen none
    std::string key;                ///< of that notice; "": not known
    std::optional<TimePoint> at{};  ///< when that became true
};

/// The table `notices`. A trigger fills it when an event is recorded that people want to be told. `database`
/// must outlive it. Errors: SQLite's.
class Notices {
public:
    explicit Notices(Database& database) : database_(database) {}

    /// The next `count_max` with an id above `after`, the oldest first.
    Result<std::vector<Notice>> after(std::int64_t after, std::size_t count_max);
    /// Where a reader goes on that stood here: at the same place, as long as this is the database that it has
    /// read. Of an older copy, or one that was made anew, the ids say nothing: there it goes on behind what
    /// became true by the time of what it has seen last, which a copy has and a new one has not. With the key
    /// and the time of the notice that is there.
    Result<NoticePlace> resume(const NoticePlace& stood);
    /// The highest id; 0 where there is none. It is lower than before when the database was built again.
    Result<std::int64_t> newest();
    /// One that is for `target` alone.
    Result<std::int64_t> add(TimePoint at, std::string_view type, std::string_view text,
                             std::string_view target);

private:
    /// The notice of this id, as a place; without a key where it is not there.
    Result<NoticePlace> place(std::int64_t id);

    Database& database_;
};

}  // namespace batchd::store
