#include "report/errors/error_groups.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fcntl.h>

#include "base/log.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/result/result_line.hpp"
#include "report/errors/reason_pattern.hpp"

namespace batchd::report {
namespace {

constexpr std::size_t kExamples = 3;
constexpr std::size_t kMessageBytesMax = 400;
constexpr std::size_t kWordBytesMax = 100;  // of a code and of an id, which may be as long as a page
// What is longer is counted, and its reason is not looked for.
constexpr std::size_t kLineBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kOwnLineBytesMax = 64 * 1024;

/// Before the text is looked at byte by byte, for it may be a page. Twice the length is enough to cut from,
/// whatever has to be made printable in it.
std::string beginning(std::string_view text, std::size_t length_max) {
    return shortened(printable(text.substr(0, 2 * length_max)), length_max);
}

std::string_view text_at(const boost::json::object& object, std::string_view key) {
    const auto* const text = object.if_contains(key);
    return text != nullptr && text->is_string() ? std::string_view(text->get_string()) : std::string_view();
}

/// A line of ours about an input line that was no request: it has no id, and so is no row of a result.
void add_line_without_id(ErrorGrouper& grouper, const jsonl::Line& line) {
    ErrorGrouper::Failure failure{.line_number = line.number};
    boost::json::value whole;
    // Ours are short. What is longer and no row is somebody's page, of which nothing is to be learnt.
    if (line.text.size() <= kOwnLineBytesMax) {
        boost::system::error_code refused;
        whole = boost::json::parse(line.text, refused);
    }
    const auto* const object = whole.if_object();
    const auto* const error = object != nullptr ? object->if_contains("error") : nullptr;
    if (error != nullptr && error->is_object()) {
        failure.code = text_at(error->get_object(), "code");
        failure.message = text_at(error->get_object(), "message");
    }
    grouper.add(failure);
}

bool is_larger(const ErrorGroup& a, const ErrorGroup& b) {
    return a.requests > b.requests;
}

}  // namespace

void ErrorGrouper::add(const Failure& failure) {
    std::string code = beginning(failure.code, kWordBytesMax);
    std::string message = beginning(failure.message, kMessageBytesMax);
    const std::string reason =
        std::to_string(failure.status_code) + "\n" + code + "\n" + reason_pattern(message);
    auto found = groups_.find(reason);
    if (found == groups_.end()) {
        // A provider that writes something new into every message, in words that the pattern does not know
        // for what they are, must not fill the memory.
        if (groups_.size() == kReasonsMax) {
            ++others_;
            return;
        }
        found = groups_.emplace(reason, ErrorGroup{failure.status_code, std::move(code), std::move(message)})
                    .first;
    }
    ErrorGroup& group = found->second;
    ++group.requests;
    if (group.examples.size() < kExamples)
        group.examples.push_back({beginning(failure.custom_id, kWordBytesMax), failure.line_number});
}

ErrorGroups ErrorGrouper::take() {
    ErrorGroups result;
    for (auto& [reason, group] : groups_) result.groups.push_back(std::move(group));
    // Stable over the order of the map, so that the same file is told in the same order every time.
    std::stable_sort(result.groups.begin(), result.groups.end(), is_larger);
    result.others = others_;
    while (result.groups.size() > ErrorGroups::kShown) {
        result.others += result.groups.back().requests;
        result.groups.pop_back();
    }
    return result;
}

Result<ErrorGroups> group_errors(const Path& file) {
    // The folder is its owner's, who may have put anything there by now: a pipe is not waited at.
    const auto fd = open_file(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fd) return fd.error();
    ErrorGrouper grouper;
    jsonl::LineReader reader(fd->get(), kLineBytesMax);
    jsonl::ResultParser parser;
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(file.string(), more.error());
        if (!*more) return grouper.take();
        // A line that was too long has lost its text, and is a failure all the same.
        if (jsonl::is_blank(line.text) && !line.too_long) continue;
        if (const auto row = parser.parse(line))
            grouper.add({.status_code = row->status_code,
                         .code = row->error_code,
                         .message = row->error_message,
                         .custom_id = row->custom_id,
                         .line_number = line.number});
        else
            add_line_without_id(grouper, line);
    }
}

}  // namespace batchd::report
