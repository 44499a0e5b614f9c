#include "provider/openai/file_wait.hpp"

#include <algorithm>
#include <array>

namespace batchd::provider {
namespace {

// As long as the service's own client library waits. Source: openai-python, files.wait_for_processing()
constexpr Millis kWaitMax = std::chrono::minutes(30);

bool shows_no_files(const Failure& failure) {
    return failure.kind == FailureKind::not_found || failure.kind == FailureKind::unsupported ||
           failure.http_status == 405;
}

/// The service did answer, and nothing was changed: the same call is made again after a while.
Failure not_ready(const FileObject& file) {
    Failure failure;
    failure.kind = FailureKind::unavailable;
    failure.http_status = 200;
    failure.code = "file_not_ready";
    failure.message = "the file " + file.id + " is still being looked through: " + file.status_word;
    return failure;
}

Failure unusable_file(const FileObject& file) {
    Failure failure;
    failure.kind = FailureKind::refused;
    failure.http_status = 200;
    failure.code = "file_not_usable";
    failure.message = "the provider can't use the file " + file.id + ": " + file.status_word;
    failure.in_own_words = true;
    return failure;
}

}  // namespace

Readiness readiness_of(std::string_view word) {
    // Words of several services. "" is of those that know no such state.
    static constexpr std::array<std::string_view, 6> kReady = {"",       "processed", "succeeded",
                                                               "active", "ready",     "ok"};
    static constexpr std::array<std::string_view, 5> kBroken = {"error", "failed", "cancelled", "deleted",
                                                                "expired"};
    if (std::find(kReady.begin(), kReady.end(), word) != kReady.end()) return Readiness::ready;
    if (std::find(kBroken.begin(), kBroken.end(), word) != kBroken.end()) return Readiness::broken;
    return Readiness::not_yet;
}

std::optional<Failure> FileWait::judge(const std::string& file_id, const Answer<FileObject>& file,
                                       Millis now) {
    // A failure that passes is answered instead of the create, which has not been sent: nothing is in doubt.
    if (!file && !shows_no_files(file.error())) return file.error();
    // A server that shows no files can not be asked, and a create says for itself when it comes too early.
    const Readiness readiness = file ? readiness_of(file->status_word) : Readiness::ready;
    if (readiness == Readiness::not_yet && now - since_.try_emplace(file_id, now).first->second < kWaitMax)
        return not_ready(*file);
    // After half an hour the create is tried all the same: a word that nobody knows may mean "ready".
    since_.erase(file_id);
    return readiness == Readiness::broken ? std::optional(unusable_file(*file)) : std::nullopt;
}

}  // namespace batchd::provider
