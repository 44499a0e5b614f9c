#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jsonl/line_reader.hpp"

/// What is thrown at untrusted input, by libFuzzer and by the replay of the corpora. A target aborts when
/// what it looks at is not as it must be, whatever the input.
namespace batchd::fuzz {

void request_line(std::string_view input);
void result_line(std::string_view input);
void result_files(std::string_view input);
void api_object(std::string_view input);
void http_response(std::string_view input);
void configuration(std::string_view input);
void retry_after(std::string_view input);
void file_name(std::string_view input);
void price_file(std::string_view input);
void cron_line(std::string_view input);
void direct_journal(std::string_view input);

/// `text` in memory of its own, with the readable bytes behind it that the line parsers ask for.
class PaddedText {
public:
    explicit PaddedText(std::string_view text)
        : bytes_(std::string(text) + std::string(jsonl::kLinePadding, '\0')), size_(text.size()) {}
    std::string_view view() const { return std::string_view(bytes_).substr(0, size_); }

private:
    std::string bytes_;
    std::size_t size_;
};

/// Ends the process, loudly, where `holds` is false.
inline void expect(bool holds, const char* what) {  // NOLINT: it is what an assertion looks like
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace batchd::fuzz
