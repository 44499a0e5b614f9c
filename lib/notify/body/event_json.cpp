#include "notify/body/event_json.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text/json_values.hpp"

namespace batchd::notify {
namespace {

namespace json = boost::json;

// Of a job there are five texts that others may have chosen. In JSON a byte of printable text takes two at
// most, so that all of it stays under 20 KB.
constexpr std::size_t kTextMax = 1500;

json::value short_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(shortened(printable(text), kTextMax));
}

json::value job_json(const store::NoticeJob& job) {
    // It is about the daemon or a provider, and about no job.
    if (job.id.value == 0) return nullptr;
    return json::object{{"id", job.id.value},
                        {"name", short_or_null(job.name)},
                        {"queue", short_or_null(job.queue)},
                        {"provider", short_or_null(job.provider)},
                        {"state", short_or_null(job.state)},
                        {"reason", short_or_null(job.reason)},
                        {"folder", short_or_null(job.folder)},
                        {"requests", job.requests},
                        {"succeeded", job.succeeded},
                        {"failed", job.failed},
                        {"input_tokens", job.input_tokens},
                        {"output_tokens", job.output_tokens},
                        {"created_at", time_or_null(job.created_at)},
                        {"finished_at", time_or_null(job.finished_at)}};
}

}  // namespace

json::object event_json(const store::Notice& notice) {
    return {{"type", notice.type},
            {"time", to_utc_text(notice.at)},
            {"text", shortened(printable(notice.text), kTextMax)},
            {"job", job_json(notice.job)}};
}

}  // namespace batchd::notify
