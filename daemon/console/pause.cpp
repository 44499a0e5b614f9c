#include "daemon/console/pause.hpp"

#include <thread>

namespace batchd {

void pause(Millis time) {
    std::this_thread::sleep_for(time);
}

}  // namespace batchd
