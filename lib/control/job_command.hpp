#pragma once

#include <optional>
#include <string_view>

#include "store/tables/commands.hpp"

namespace batchd::control {

/// What a path asks for.
struct JobCommand {
    store::Verb verb = store::Verb::cancel;
    store::JobId job;

    friend bool operator==(const JobCommand&, const JobCommand&) = default;
};

/// Reads "/v1/jobs/12/cancel"; nothing for any other path.
std::optional<JobCommand> parse_job_command(std::string_view path);

/// What "/v1/queues/NAME/release" asks for, with the query "over_budget=true" for what waits for money as
/// well; nothing for any other path.
std::optional<store::Release> parse_release(std::string_view path, std::string_view query);
/// Path and query, as parse_release() reads them.
std::string release_path(const store::Release& release);

/// The path for it.
std::string job_command_path(const JobCommand& command);

/// The "batch_id" of {"batch_id": "batch_1"}; nothing for any other text.
std::optional<std::string> parse_batch_id(std::string_view body);

}  // namespace batchd::control
