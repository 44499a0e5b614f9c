#include "spool/inbox/inbox_name.hpp"

namespace batchd::spool {
namespace {

constexpr std::string_view kExtension = ".jsonl";
constexpr std::string_view kTemporaryEndings[] = {"~", ".tmp", ".part", ".swp"};

}  // namespace

NameVerdict classify_name(std::string_view file_name) {
    if (file_name.empty() || file_name.starts_with('.')) return NameVerdict::temporary;
    for (const std::string_view ending : kTemporaryEndings)
        if (file_name.ends_with(ending)) return NameVerdict::temporary;
    return file_name.ends_with(kExtension) ? NameVerdict::take : NameVerdict::other_extension;
}

std::string job_name(std::string_view file_name) {
    return std::string(file_name.substr(0, file_name.size() - kExtension.size()));
}

std::string file_name(std::string_view job_name) {
    return std::string(job_name) + std::string(kExtension);
}

}  // namespace batchd::spool
