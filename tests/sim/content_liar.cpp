#include "sim/content_liar.hpp"

#include <limits>
#include <sstream>

#include "sim/request_subject.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::size_t kWhole = std::numeric_limits<std::size_t>::max();

std::string_view kind_of(const Batch& batch, std::string_view file_id) {
    if (batch.output_file_id == file_id) return "output";
    return batch.error_file_id == file_id ? "errors" : "input";
}

bool fits(const Lie& lie, const Batch* batch, std::string_view file_id) {
    if (lie.about != Lie::About::content) return false;
    if (batch == nullptr) return lie.batches.empty() && lie.of.empty();
    return (lie.batches.empty() || lie.batches.contains(batch->number)) &&
           (lie.of.empty() || lie.of == kind_of(*batch, file_id));
}

/// The custom_id of a line that we wrote ourselves.
std::string_view custom_id_in(std::string_view line) {
    constexpr std::string_view kMark = R"("custom_id":")";
    const auto mark = line.find(kMark);
    if (mark == std::string_view::npos) return {};
    line.remove_prefix(mark + kMark.size());
    return line.substr(0, line.find('"'));
}

std::string with_lies(const Lie& lie, const std::string& content) {
    std::istringstream lines(content);
    std::string told;
    std::uint64_t count = 0;
    for (std::string line; std::getline(lines, line);) {
        if (lie.lines && count++ == *lie.lines) break;
        const bool is_hit = lie.damage && glob_matches(lie.match, custom_id_in(line));
        told += (is_hit ? damaged(line, *lie.damage, lie.bytes) : line) + "\n";
    }
    return told;
}

std::string content_of(Backend& backend, std::string_view file_id) {
    return read_file(backend.files.path_of(file_id), kWhole).value();
}

}  // namespace

const Batch* named_batch(Backend& backend, const json::value& which) {
    if (which.is_string()) {
        const auto found = backend.batches.find(std::string_view(which.get_string()));
        return found ? *found : nullptr;
    }
    boost::system::error_code ec;
    const auto number = which.to_number<std::uint64_t>(ec);
    return ec ? nullptr : backend.batches.numbered(number);
}

void tell_lies_about_content(Backend& backend, std::string_view file_id, Response& response) {
    const Batch* const batch = batch_of_file(backend, file_id);
    for (Lie& lie : backend.lies.all()) {
        if (!fits(lie, batch, file_id) || !is_told(lie, std::string(file_id), backend.clock.now())) continue;
        const Batch* const other = named_batch(backend, lie.instead);
        // A file that was deleted can't be given to anybody.
        const bool is_foreign = other != nullptr && other->output_file_id &&
                                backend.files.find(*other->output_file_id, backend.clock.now()) != nullptr;
        const std::string content = content_of(backend, is_foreign ? *other->output_file_id : file_id);
        response.body = with_lies(lie, content);
        response.file.reset();
    }
}

}  // namespace batchd::sim
