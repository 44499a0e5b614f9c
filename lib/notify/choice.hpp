#pragma once

#include <string_view>

#include "config/settings.hpp"

namespace batchd::notify {

/// What decides whether somebody is told of a notice.
struct Subject {
    std::string_view type;    ///< "done"
    std::string_view queue;   ///< of the job; of several, with commas; "" where it is about the daemon
    std::string_view target;  ///< whom alone it is for; "": all
};

/// True where [notify.NAME] wants to be told.
bool is_for(const Subject& notice, std::string_view name, const config::NotifyTarget& target);

}  // namespace batchd::notify
