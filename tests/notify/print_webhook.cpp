// print_webhook SECONDS SECRET…: a webhook's message as it is sent at that time, head and body, signed with
// the secrets.

#include <cstdio>
#include <cstdlib>

#include "config/keys/notify_secrets.hpp"
#include "notify/body/message.hpp"

int main(int argc, char** argv) {
    using namespace batchd;
    if (argc < 3) return 2;
    notify::Envelope envelope;
    envelope.now = TimePoint(std::chrono::seconds(std::atoll(argv[1])));
    for (int i = 2; i < argc; ++i) {
        const auto key = config::parse_notify_key(argv[i]);
        if (!key) return 1;
        envelope.keys.push_back(*key);
    }
    store::Notice notice;
    notice.key = "msg_2026";
    notice.at = envelope.now;
    notice.type = "done";
    notice.job.id = store::JobId{12};
    notice.job.name = "ärticles";
    const http::Request request = notify::message_of(config::NotifyKind::webhook, {&notice, 1}, envelope);
    for (const http::Header& header : request.headers)
        std::printf("%s: %s\n", header.name.c_str(), header.value.c_str());
    std::printf("\n%s", request.body.c_str());
}
