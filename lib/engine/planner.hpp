#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/intake.hpp"
#include "engine/plan.hpp"
#include "engine/ports.hpp"
#include "engine/worker.hpp"

namespace batchd::engine {

/// Validates claimed files and splits them into batches, or puts them into rejected/ with what is wrong with
/// them.
class Planner {
public:
    Planner(Ports& ports, const Intake& intake);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    using Step = boost::asio::awaitable<Progress>;

    Result<std::vector<std::int64_t>> find(std::size_t count_max);
    Step plan(std::int64_t id);
    Progress accept(const store::Job& job, const Plan& plan);
    Step reject(const store::Job& job, std::string text, std::string summary);
    Progress record_rejection(const store::Job& job, const std::string& folder, const std::string& summary);
    Step input_is_gone(const store::Job& job);

    Ports& ports_;
    const Intake& intake_;
    Worker worker_;
};

}  // namespace batchd::engine
