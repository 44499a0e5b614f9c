#include "base/uuid.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace batchd {

std::string random_key() {
    // From the kernel each time: a generator that is seeded once would make the same keys in a machine that
    // was cloned.
    boost::uuids::random_generator generate;  // getrandom(2)
    return boost::uuids::to_string(generate());
}

}  // namespace batchd
