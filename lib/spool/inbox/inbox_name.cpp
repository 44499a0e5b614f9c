#include "spool/inbox/inbox_name.hpp"

namespace batchd::spool {
namespace {

constexpr std::string_view kExtension = ".jsonl";
// What editors (~, .swp) and programs that write or download (.tmp, .part) call a file that is not done.
constexpr std::string_view kTemporaryEndings[] = {"~", ".tmp", ".part", ".swp"};

}  // namespace

NameVerdict classify_name(std::string_view file_name) {
    if (file_name.empty() || file_name.starts_with('.')) return NameVerdict::temporary;
    for (const std::string_view ending : kTemporaryEndings)
        if (file_name.ends_with(ending)) return NameVerdict::temporary;
    // In small letters only: the file comes back under NAME, and a.jsonl and a.JSONL would be one job's
    // name.
    return file_name.ends_with(kExtension) ? NameVerdict::take : NameVerdict::other_extension;
}

std::string job_name(std::string_view file_name) {
    return std::string(file_name.substr(0, file_name.size() - kExtension.size()));
}

std::string file_name(std::string_view job_name) {
    return std::string(job_name) + std::string(kExtension);
}

}  // namespace batchd::spool
