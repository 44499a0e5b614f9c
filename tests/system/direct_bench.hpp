#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "sim/backend.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {

/// A workbench whose provider has no batch API.
class DirectSystemTest : public SystemTest {
protected:
    DirectSystemTest() {
        bench.set("provider.kind", "\"direct\"");
        bench.unset("provider.list_lag");
    }
    /// One number of what the synchronous endpoints have done: "paid", "paid_again", "at_once_max",
    /// "refused".
    std::uint64_t direct(const char* number) {
        return bench.report().at("direct").at(number).to_number<std::uint64_t>();
    }
    /// How often the request of this article was let in.
    std::uint64_t requests_for(const std::string& id) {
        std::uint64_t count = 0;
        bench.provider().with(
            [&](sim::Backend& backend) { count = backend.generations.runs["Summarise " + id]; });
        return count;
    }
};

}  // namespace batchd::testing
