#include "engine/request_scan.hpp"

#include <future>

#include <fcntl.h>

#include "base/units.hpp"
#include "jsonl/id_table.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request_line.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::engine {
namespace {

class Scan {
public:
    Scan(const config::Batch& batch, const ScanVisitor& visitor)
        : batch_(batch), visitor_(visitor), parser_({batch.endpoint, batch.model}) {}

    Result<void> take(const jsonl::Line& line) {
        if (line.number > jsonl::IdTable::kValueMax) return bad(line, "", "a file has too many lines");
        if (line.too_long) return bad(line, "", too_large(line.size));
        if (jsonl::is_blank(line.text)) return {};
        const auto request = parser_.parse(line);
        if (!request) return bad(line, request.error().custom_id, request.error().what);

        prepared_.clear();
        jsonl::append_prepared(*request, prepared_);
        if (prepared_.size() > batch_.max_bytes)
            return bad(line, std::string(request->custom_id), too_large(prepared_.size()));
        const Digest128 id = digest128(request->custom_id);
        if (const auto earlier = ids_.insert(id, line.number))
            return bad(line, "",
                       "custom_id \"" + jsonl::excerpt(request->custom_id) + "\" was already used on line " +
                           std::to_string(*earlier));
        ++totals_.requests;
        return visitor_.request({.line_number = line.number,
                                 .id = id,
                                 .endpoint = request->url,
                                 .model = request->model,
                                 .prepared = prepared_,
                                 .inputs = request->inputs,
                                 .estimated_tokens = request->estimated_tokens});
    }

    ScanTotals totals() const { return totals_; }

private:
    Result<void> bad(const jsonl::Line& line, std::string custom_id, std::string what) {
        ++totals_.bad_lines;
        return visitor_.bad_line({line.number, std::move(custom_id), std::move(what)});
    }
    std::string too_large(std::uint64_t size_bytes) const {
        return "the request has " + with_commas(size_bytes) + " bytes; a batch holds at most " +
               with_commas(batch_.max_bytes) + " (batch.max_bytes)";
    }

    const config::Batch& batch_;
    const ScanVisitor& visitor_;
    jsonl::RequestParser parser_;
    jsonl::IdTable ids_;
    std::string prepared_;  // reused
    ScanTotals totals_;
};

/// On a thread of its own, for it takes as long as all the rest; where there can be none, within get().
std::future<Result<std::string>> hash_aside(int fd) {
    return std::async(std::launch::async | std::launch::deferred, [fd] { return sha256_of(fd); });
}

}  // namespace

Result<ScanTotals> scan_requests(const Path& input, const config::Batch& batch, ScanHash hash,
                                 const ScanVisitor& visitor) {
    auto fd = open_file(input, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    const auto before = spool::stamp(fd->get());
    if (!before) return before.error();

    std::future<Result<std::string>> sha256;
    if (hash == ScanHash::sha256) sha256 = hash_aside(fd->get());
    jsonl::LineReader reader(fd->get(), batch.max_bytes);
    Scan scan(batch, visitor);
    jsonl::Line line;
    for (;;) {
        const auto more = reader.next(line);
        if (!more) return within(input.string(), more.error());
        if (!*more) break;
        if (auto taken = scan.take(line); !taken) return taken.error();
    }
    ScanTotals totals = scan.totals();
    totals.size_bytes = reader.bytes_read();
    if (sha256.valid()) {
        auto digest = sha256.get();
        if (!digest) return within(input.string(), digest.error());
        totals.sha256 = std::move(*digest);
    }
    const auto after = spool::stamp(fd->get());
    if (!after) return after.error();
    if (!spool::same_content(*before, *after))
        return error(Errc::changed, input.string() + " was written to while it was read");
    totals.stamp = *after;
    return totals;
}

}  // namespace batchd::engine
