#include "config/reading/nearest.hpp"

#include <algorithm>
#include <vector>

#include "base/log.hpp"
#include "base/text/edit_distance.hpp"
#include "config/keys/keys.hpp"

namespace batchd::config {
namespace {

constexpr std::size_t kLengthMax = 192;  // bounds the comparison: a section's name may have 64

/// Keeps the candidate that is nearest, if it is near enough to be a typing error: two in a short name, a
/// fifth of a long one. Beyond that a guess would mislead.
class Nearest {
public:
    explicit Nearest(std::size_t length) : least_(1 + std::max<std::size_t>(2, length / 5)) {}

    void offer(std::string_view candidate, std::size_t distance) {
        if (distance >= least_) return;
        best_ = candidate;
        least_ = distance;
    }
    const std::string& best() const { return best_; }

private:
    std::size_t least_;
    std::string best_;
};

std::string_view section_of(std::string_view name) {
    return name.substr(0, std::min(name.rfind('.'), name.size()));
}

/// The key or section that was probably meant; "" when nothing is near.
std::string nearest_name(std::string_view name) {
    // A key of a megabyte is a file in the wrong place, and is compared with nothing.
    if (name.size() > kLengthMax) return {};
    const bool is_bare = name.find('.') == std::string_view::npos;
    const std::string_view leaf = name.substr(name.rfind('.') + 1);
    // In "queue.nightly.modle" the name of the queue is no typing error, and does not make one smaller.
    const std::string_view section = section_of(name);
    const bool is_named = section.find('.') != std::string_view::npos;
    Nearest nearest(is_named ? leaf.size() : name.size());
    if (is_named)
        for (const Key& key : keys_of_section(section))
            nearest.offer(key.name, edit_distance(name, key.name));
    for (const Key& key : keys()) {
        nearest.offer(key.name, edit_distance(name, key.name));
        nearest.offer(key.name, 1 + edit_distance(leaf, key.leaf()));  // in the wrong section
        if (is_bare) nearest.offer(key.section(), edit_distance(name, key.section()));
    }
    if (is_bare) nearest.offer("queue.NAME", edit_distance(name, "queue"));
    for (const Field<Queue>& field : queue_fields())
        nearest.offer("queue.NAME." + std::string(field.name), 1 + edit_distance(leaf, field.name));
    return nearest.best();
}

}  // namespace

std::string unknown_name(std::string_view name) {
    // The name is not a typing error, and the file is one that many may read.
    if (name.ends_with("api_key"))
        return "is not a key: the API key does not belong into this file; put it into a file of its own, "
               "named by provider.api_key_file, or into the systemd credential api_key";
    const std::string meant = nearest_name(name);
    if (!meant.empty()) return "is not a key of batchd: did you mean " + meant + "?";
    return "is not a key of batchd: remove it; `batchd config` shows those that there are";
}

std::string unknown_provider(const Settings& settings, const std::string& name) {
    Nearest nearest(name.size());
    for (const auto& [known, provider] : settings.providers) nearest.offer(known, edit_distance(name, known));
    const std::string shown = toml_string(name);
    const std::string hint = nearest.best().empty() ? "\"default\" is [provider]"
                                                    : "did you mean " + toml_string(nearest.best()) + "?";
    return "is " + shown + ": must be the name of a provider, and there is no [provider." + printable(name) +
           "]; " + hint;
}

}  // namespace batchd::config
