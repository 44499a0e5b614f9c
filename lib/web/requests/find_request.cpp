#include "web/requests/find_request.hpp"

#include "jsonl/request/request_line.hpp"
#include "jsonl/result/result_line.hpp"
#include "web/download/job_files.hpp"

namespace batchd::web {
namespace {

// A request that is longer is not shown: it is read for a screen, and can be downloaded.
constexpr std::size_t kLineBytesMax = 16 * 1024 * 1024;

/// What a line's request is called; what no request would be sent with stands in for what the queue adds.
std::string id_of(jsonl::RequestParser& parser, const jsonl::Line& line) {
    const auto request = parser.parse(line);
    return request ? std::string(request->custom_id) : request.error().custom_id;
}

/// Goes through a file of the job until `fits` says so of a line; nothing where the file or the line is not
/// there.
template <class Fits>
Result<std::optional<FoundLine>> find_line(const store::Job& job, const char* file, Fits fits) {
    const auto fd = open_job_file(job, file);
    if (!fd) return std::optional<FoundLine>();
    jsonl::LineReader reader(fd->get(), kLineBytesMax);
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(file, more.error());
        if (!*more) return std::optional<FoundLine>();
        if (!line.too_long && !jsonl::is_blank(line.text) && fits(line))
            return std::optional(FoundLine{file, line.number, std::string(line.text)});
    }
}

}  // namespace

Result<FoundRequest> find_request(const store::Job& job, const WantedRequest& wanted) {
    FoundRequest found;
    // Any endpoint and model do: only the ids are looked at.
    jsonl::RequestParser requests({.endpoint = "/v1/chat/completions", .model = "none"});
    auto request = find_line(job, "input.jsonl", [&](const jsonl::Line& line) {
        if (wanted.custom_id.empty() && line.number != wanted.line_number) return false;
        const std::string id = id_of(requests, line);
        if (!wanted.custom_id.empty() && id != wanted.custom_id) return false;
        found.custom_id = id;
        return true;
    });
    if (!request) return request.error();
    if (!*request) return error(Errc::not_found, "there is no such request in the job's input.jsonl");
    found.request = std::move(*request);
    jsonl::ResultParser results;
    // By its id, for both files leave out lines, and the number of one says nothing about the other.
    for (const char* file : {"output.jsonl", "errors.jsonl"}) {
        if (found.answer || found.custom_id.empty()) break;
        auto answer = find_line(job, file, [&](const jsonl::Line& line) {
            const auto row = results.parse(line);
            return row && row->custom_id == found.custom_id;
        });
        if (!answer) return answer.error();
        found.answer = std::move(*answer);
    }
    return found;
}

}  // namespace batchd::web
