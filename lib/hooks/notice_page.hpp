#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "hooks/cursor.hpp"

namespace batchd::hooks {

/// A notice as the control socket has it.
struct HookNotice {
    std::int64_t id = 0;
    std::string key;
    std::string type;
    std::string queue;          ///< of the job; "" where it is about the daemon
    std::string target;         ///< whom alone it is for; "": all
    boost::json::object event;  ///< what a command gets: {"type", "time", "text", "job"}
};

/// An answer to GET /v1/notices.
struct NoticePage {
    std::vector<HookNotice> notices;
    Cursor from;  ///< behind which they begin: another than was asked for in another database
    std::optional<std::int64_t> begin;  ///< from which id on the target is told
};

/// Behind this notice, when it is done with.
Cursor cursor_behind(const HookNotice& notice);

/// Errors: protocol for anything else. Notices stand in the order of their ids.
Result<NoticePage> read_notice_page(const boost::json::object& answer);

}  // namespace batchd::hooks
