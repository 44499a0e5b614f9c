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
    const Result<config::ApiKey> no_key = error(Errc::not_found, "no API key");
    const std::string printed = config::print(*loaded, no_key);
    const auto again = config::load_text(printed, "printed.toml", environment);
    expect(again.has_value(), "what is printed can be read");
    expect(config::changed_keys(loaded->settings, again->settings).empty(), "what is printed is the same");
}

}  // namespace batchd::fuzz
