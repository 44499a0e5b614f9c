#include "control/job_command.hpp"

#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace batchd::control {
namespace {

constexpr std::string_view kJobs = "/v1/jobs/";
constexpr std::string_view kQueues = "/v1/queues/";
constexpr std::string_view kRelease = "/release";
constexpr std::string_view kOverBudget = "over_budget=true";
// Ids of providers have some forty characters.
constexpr std::size_t kBatchIdMax = 512;

}  // namespace

std::optional<JobCommand> parse_job_command(std::string_view path) {
    if (!path.starts_with(kJobs)) return std::nullopt;
    path.remove_prefix(kJobs.size());
    const auto slash = path.find('/');
    // from_chars() reads a minus, and no job has such a number.
    if (slash == 0 || slash == std::string_view::npos || path[0] == '-') return std::nullopt;
    JobCommand command;
    const char* const end = path.data() + slash;
    const auto [last, ec] = std::from_chars(path.data(), end, command.job.value);
    if (ec != std::errc{} || last != end) return std::nullopt;
    if (!read_word(path.substr(slash + 1), command.verb) || command.verb == store::Verb::release)
        return std::nullopt;
    return command;
}

std::optional<store::Release> parse_release(std::string_view path, std::string_view query) {
    if (!path.starts_with(kQueues) || !path.ends_with(kRelease)) return std::nullopt;
    path.remove_prefix(kQueues.size());
    if (path.size() <= kRelease.size()) return std::nullopt;
    path.remove_suffix(kRelease.size());
    // No queue has such a name; it is another address.
    if (path.find('/') != std::string_view::npos) return std::nullopt;
    return store::Release{.queue = std::string(path), .over_budget = query == kOverBudget};
}

std::string release_path(const store::Release& release) {
    return std::string(kQueues) + release.queue + std::string(kRelease) +
           (release.over_budget ? "?" + std::string(kOverBudget) : "");
}

std::string job_command_path(const JobCommand& command) {
    return std::string(kJobs) + std::to_string(command.job.value) + "/" +
           std::string(to_string(command.verb));
}

std::optional<std::string> parse_batch_id(std::string_view body) {
    boost::system::error_code ec;
    const auto parsed = boost::json::parse({body.data(), body.size()}, ec);
    const auto* const object = ec ? nullptr : parsed.if_object();
    const auto* const value = object == nullptr ? nullptr : object->if_contains("batch_id");
    const auto* const id = value == nullptr ? nullptr : value->if_string();
    if (id == nullptr || id->empty() || id->size() > kBatchIdMax) return std::nullopt;
    return std::string(*id);
}

}  // namespace batchd::control
