#include "engine/prepare/request_scan.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/text/characters.hpp"
#include "base/units.hpp"
#include "engine/intake/digest_aside.hpp"
#include "engine/prepare/id_owners.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/id_table.hpp"
#include "jsonl/request/request_line.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::engine {
namespace {

jsonl::RequestDefaults rules_of(const Terms& terms) {
    jsonl::RequestDefaults rules{terms.batch.endpoint, terms.batch.model, terms.batch.defaults};
    rules.models.insert(terms.models.begin(), terms.models.end());
    rules.line_urls.insert(terms.line_urls.begin(), terms.line_urls.end());
    return rules;
}

class Scan {
public:
    Scan(const Terms& terms, const ScanVisitor& visitor)
        : batch_(terms.batch), id_max_(terms.max_custom_id), visitor_(visitor), parser_(rules_of(terms)) {}

    Result<void> take(const jsonl::Line& line) {
        // The table of ids keeps the number of a line in 32 bits.
        if (line.number > jsonl::IdTable::kValueMax) return bad(line, "", "a file has too many lines");
        if (line.too_long) return bad(line, "", too_long(line.size));
        if (jsonl::is_blank(line.text)) return {};
        const auto request = parser_.parse(line);
        if (!request) return bad(line, request.error().custom_id, request.error().what);

        if (id_max_ > 0 && count_characters(request->custom_id) > id_max_)
            return bad(line, std::string(request->custom_id), id_too_long(request->custom_id));
        const std::uint64_t size_bytes = jsonl::prepared_bytes(*request);
        if (size_bytes > batch_.max_bytes)
            return bad(line, std::string(request->custom_id), too_large(size_bytes));
        const Digest128 id = digest128(request->custom_id);
        if (const auto earlier = ids_.take(id, line.number))
            return bad(line, "",
                       "custom_id \"" + jsonl::excerpt(request->custom_id) + "\" was already used on line " +
                           std::to_string(*earlier));
        ++totals_.requests;
        return visitor_.request({.line = line, .request = *request, .id = id, .size_bytes = size_bytes});
    }

    const ScanTotals& totals() const { return totals_; }
    std::vector<std::uint64_t> ids_of_others() const { return ids_.bereft(); }

private:
    Result<void> bad(const jsonl::Line& line, std::string custom_id, std::string what) {
        ++totals_.bad_lines;
        // An id is told of once, and the line that is sent has more of a right to it.
        if (!custom_id.empty() && !ids_.lend(digest128(custom_id), line.number)) custom_id.clear();
        return visitor_.bad_line({line.number, std::move(custom_id), std::move(what)});
    }
    std::string too_large(std::uint64_t size_bytes) const {
        return "the request has " + with_commas(size_bytes) + " bytes; a batch holds at most " +
               with_commas(batch_.max_bytes) + " (batch.max_bytes)";
    }

    std::string id_too_long(std::string_view id) const {
        return "custom_id \"" + jsonl::excerpt(id) + "\" has " + with_commas(count_characters(id)) +
               " characters; the provider takes at most " + with_commas(id_max_) +
               " (provider.max_custom_id)";
    }

    std::string too_long(std::uint64_t size_bytes) const {
        if (!batch_.max_line || *batch_.max_line > batch_.max_bytes) return too_large(size_bytes);
        return "the line has " + with_commas(size_bytes) + " bytes; at most " +
               with_commas(*batch_.max_line) + " are allowed (batch.max_line)";
    }

    const config::Batch& batch_;
    std::uint64_t id_max_;
    const ScanVisitor& visitor_;
    jsonl::RequestParser parser_;
    IdOwners ids_;
    ScanTotals totals_;
};

Result<std::string> read_head(int fd) {
    std::string head(jsonl::kHeadBytes, '\0');
    const ssize_t got = ::pread(fd, head.data(), head.size(), 0);
    if (got < 0) return system_failure("read");
    head.resize(static_cast<std::size_t>(got));
    return head;
}

bool wants_digest(ScanHash hash, const ScanTotals& totals) {
    return hash == ScanHash::sha256 || (hash == ScanHash::sha256_of_good && totals.bad_lines == 0);
}

/// Reads the lines, and hashes the file where that is wanted.
Result<ScanTotals> scan_lines(int fd, const Path& input, Scan& scan, const config::Batch& batch,
                              ScanHash hash, const ScanAid& aid) {
    std::optional<DigestAside> digest;
    if (hash != ScanHash::none) digest.emplace(aid.pool, fd);
    jsonl::LineReader reader(fd, batch.line_bytes_max(), jsonl::LineReader::kBlockBytes, aid.stop);
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(input.string(), more.error());
        if (!*more) break;
        if (auto taken = scan.take(line); !taken) return taken.error();
        // Given up as soon as nobody needs it: it would read the rest of the file for nothing.
        if (digest && !wants_digest(hash, scan.totals())) digest.reset();
    }
    ScanTotals totals = scan.totals();
    totals.size_bytes = reader.bytes_read();
    totals.ids_of_others = scan.ids_of_others();
    if (!digest) return totals;
    auto made = digest->get();
    if (!made) return within(input.string(), made.error());
    totals.sha256 = std::move(*made);
    return totals;
}

}  // namespace

Result<ScanTotals> scan_requests(const Path& input, const Terms& terms, ScanHash hash,
                                 const ScanVisitor& visitor, const ScanAid& aid) {
    const auto fd = open_file(input, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    return scan_opened(fd->get(), input, terms, hash, visitor, aid);
}

Result<ScanTotals> scan_opened(int fd, const Path& input, const Terms& terms, ScanHash hash,
                               const ScanVisitor& visitor, const ScanAid& aid) {
    const auto before = spool::stamp(fd);
    if (!before) return before.error();
    const auto head = read_head(fd);
    if (!head) return within(input.string(), head.error());
    if (auto kind = jsonl::unreadable_kind(*head))
        return ScanTotals{.size_bytes = before->size_bytes, .stamp = *before, .mistake = std::move(kind)};

    Scan scan(terms, visitor);
    auto totals = scan_lines(fd, input, scan, terms.batch, hash, aid);
    if (!totals) return totals.error();
    const auto after = spool::stamp(fd);
    if (!after) return after.error();
    if (!spool::same_content(*before, *after))
        return error(Errc::changed, input.string() + " was written to while it was read");
    // Where most lines are bad it is the file that is wrong, and one sentence about it says more than they
    // do.
    if (totals->bad_lines > totals->requests) totals->mistake = jsonl::text_kind(*head);
    totals->stamp = *after;
    return totals;
}

}  // namespace batchd::engine
