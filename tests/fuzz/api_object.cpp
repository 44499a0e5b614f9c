#include "fuzz/target.hpp"
#include "http/message.hpp"
#include "provider/openai/batch_json.hpp"
#include "provider/openai/failure.hpp"

namespace batchd::fuzz {

namespace {

constexpr std::string_view kApiKey = "sk-proj-0123456789abcdefghij";

void refusal(unsigned status, std::string_view body) {
    http::Response response;
    response.status = status;
    response.body = std::string(body);
    response.headers = {{"retry-after", std::string(body.substr(0, 40))}};
    const TimePoint now{std::chrono::seconds(1'800'000'000)};
    for (const auto effect : {provider::Effect::none, provider::Effect::possible}) {
        const provider::Failure failure = provider::safe(provider::classify(response, effect, now), kApiKey);
        const std::string text = provider::to_string(failure);
        expect(text.find(kApiKey) == std::string::npos, "the key is in no text");
        expect(text.size() < 8192, "a text is for a log");
        for (const char c : text)
            expect(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f', "a text is printable");
        if (failure.retry_after)
            expect(*failure.retry_after >= Millis{0}, "a wait is no journey back in time");
    }
}

}  // namespace

/// The first byte says what kind of object it is read as.
void api_object(std::string_view input) {
    if (input.empty()) return;
    const unsigned choice = static_cast<unsigned char>(input.front());
    const std::string_view json = input.substr(1);
    switch (choice % 8) {
        case 0:
            if (const auto file = provider::parse_file(json)) expect(!file->id.empty(), "a file has an id");
            break;
        case 1:
            if (const auto batch = provider::parse_batch(json)) {
                expect(!batch->id.empty(), "a batch has an id");
                expect(batch->id.find('\0') == std::string::npos, "an id holds no NUL");
            }
            break;
        case 2:
            if (const auto page = provider::parse_file_page(json))
                for (const auto& file : page->items) expect(!file.id.empty(), "a listed file has an id");
            break;
        case 3:
            if (const auto page = provider::parse_batch_page(json))
                for (const auto& batch : page->items) expect(!batch.id.empty(), "a listed batch has an id");
            break;
        case 4:
            provider::parse_deletion(json);
            break;
        case 5:
            if (const auto time = provider::parse_time_text(json))
                expect(*time > TimePoint{}, "a time that is known is after 1970");
            break;
        default:
            refusal(400 + choice, json);
    }
}

}  // namespace batchd::fuzz
