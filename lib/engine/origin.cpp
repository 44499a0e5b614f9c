#include "engine/origin.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace batchd::engine {

namespace {

constexpr std::array kKinds{std::pair{Origin::Kind::retry, std::string_view("retry")},
                            std::pair{Origin::Kind::rest, std::string_view("rest")},
                            std::pair{Origin::Kind::next, std::string_view("next")}};

}  // namespace

Result<void> note_origin(const spool::Layout& layout, std::string_view key, const Origin& origin) {
    const auto word =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& row) { return row.first == origin.kind; });
    // One that is there is the same, for a job's origin follows from its key.
    return note_in_link(layout.origin_link(key), std::string(word->second) + "/" + origin.job_key);
}

std::optional<Origin> read_origin(const spool::Layout& layout, std::string_view key) {
    std::error_code ec;
    const std::string text = std::filesystem::read_symlink(layout.origin_link(key), ec).string();
    const std::size_t slash = text.find('/');
    if (ec || slash == std::string::npos || !spool::is_job_key(text.substr(slash + 1))) return std::nullopt;
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const auto& row) { return row.second == text.substr(0, slash); });
    if (kind == kKinds.end()) return std::nullopt;
    return Origin{kind->first, text.substr(slash + 1)};
}

}  // namespace batchd::engine
