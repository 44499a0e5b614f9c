#include "notify/words.hpp"

#include <array>

#include "base/log.hpp"

namespace batchd::notify {
namespace {

struct Phrase {
    std::string_view type;
    std::string_view of_job;     ///< behind its name
    std::string_view of_daemon;  ///< where there is no job
};

constexpr std::array kPhrases{
    Phrase{"done", "is done", "a job is done"},
    Phrase{"failed", "failed", "a job failed"},
    Phrase{"rejected", "was rejected", "a file was rejected"},
    Phrase{"cancelled", "was cancelled", "a job was cancelled"},
    Phrase{"held", "has a batch that is held", "a batch is held"},
    Phrase{"released", "goes on: a batch is held no longer", "a batch is held no longer"},
    Phrase{"overdue", "has a batch that is overdue", "a batch is overdue"},
    Phrase{"provider_closed", "waits: the provider is closed", "the provider is closed"},
    Phrase{"provider_open", "goes on: the provider is open again", "the provider is open again"},
    Phrase{"budget", "is held by its queue's budget", "a queue is held by its budget"},
    Phrase{"test", "is a test", "a test of batchd's notices"}};

std::string phrase_of(const store::Notice& notice, bool of_job) {
    for (const Phrase& phrase : kPhrases)
        if (phrase.type == notice.type) return std::string(of_job ? phrase.of_job : phrase.of_daemon);
    return notice.type;
}

}  // namespace

std::string title_of(const store::Notice& notice) {
    const store::NoticeJob& job = notice.job;
    if (job.name.empty()) return phrase_of(notice, false);
    const std::string queue = job.queue == "default" ? "" : job.queue + "/";
    return printable(queue + job.name) + " " + phrase_of(notice, true);
}

std::string line_of(const store::Notice& notice, std::size_t length_max) {
    std::string line = title_of(notice);
    if (notice.job.id.value != 0) line += " (job " + std::to_string(notice.job.id.value) + ")";
    if (!notice.text.empty()) line += ": " + printable(notice.text);
    return shortened(line, length_max);
}

}  // namespace batchd::notify
