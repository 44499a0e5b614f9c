#include "spool/state/state_identity.hpp"

#include "base/uuid.hpp"
#include "spool/layout.hpp"

namespace batchd::spool {
namespace {

constexpr std::size_t kBytesMax = 256;

}  // namespace

std::optional<StateIdentity> read_state_identity(const Path& file) {
    auto text = read_file(file, kBytesMax);
    if (!text) return std::nullopt;
    if (text->ends_with('\n')) text->pop_back();
    const std::size_t space = text->find(' ');
    if (space == std::string::npos) return std::nullopt;
    const auto made_at = parse_utc_text(std::string_view(*text).substr(space + 1));
    text->resize(space);
    if (!made_at || !is_job_key(*text)) return std::nullopt;
    return StateIdentity{std::move(*text), *made_at};
}

Result<StateIdentity> read_or_make_state_identity(const Path& file, TimePoint now) {
    if (auto known = read_state_identity(file)) return std::move(*known);
    StateIdentity made{random_key(), now};
    if (auto written = replace_file(file, made.id + " " + to_utc_text(now) + "\n"); !written)
        return written.error();
    return made;
}

}  // namespace batchd::spool
