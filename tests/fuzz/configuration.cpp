#include "config/keys/keys.hpp"
#include "config/load.hpp"
#include "config/print.hpp"
#include "fuzz/target.hpp"

namespace batchd::fuzz {

/// What is accepted is in force as it is printed.
void configuration(std::string_view input) {
    const auto environment = config::fixed_environment({});
    const auto loaded = config::load_text(input, "fuzz.toml", environment);
    if (!loaded) {
        expect(!loaded.error().empty(), "a configuration that is refused is told why");
        for (const auto& problem : loaded.error())
            expect(!config::to_string(problem).empty(), "each problem is told");
        return;
    }
    const std::string printed = config::print(*loaded, {});
    const auto again = config::load_text(printed, "printed.toml", environment);
    expect(again.has_value(), "what is printed can be read");
    expect(config::changed_keys(loaded->settings, again->settings).empty(), "what is printed is the same");
    const auto shorter = config::load_text(config::print_changed(*loaded), "changed.toml", environment);
    expect(shorter.has_value(), "what differs from the defaults can be read");
    expect(config::changed_keys(loaded->settings, shorter->settings).empty(), "and is enough");
}

}  // namespace batchd::fuzz
