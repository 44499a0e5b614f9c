#include "daemon/check/check_command.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <unistd.h>

#include "config/effective.hpp"
#include "daemon/check/check_file.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "engine/bill/charges.hpp"

namespace batchd {
namespace {

/// A copy of standard input, which a scan could not read twice; it goes with this object.
class StandardInput {
public:
    static Result<StandardInput> copy() {
        const char* const parent = std::getenv("TMPDIR");
        std::string name = std::string(parent == nullptr ? "/tmp" : parent) + "/batchd-check-XXXXXX";
        // A folder of our own, so that no other user of /tmp can put a link in the place of the copy.
        if (::mkdtemp(name.data()) == nullptr) return system_failure(name);
        StandardInput input(name);
        auto fd = open_file(input.file(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (!fd) return fd.error();
        for (std::vector<char> block(256 * 1024);;) {
            // A pipe may be larger than memory, so it is never held as a whole.
            const auto got = read_some(STDIN_FILENO, block.data(), block.size());
            if (!got) return within("standard input", got.error());
            if (*got == 0) return input;
            if (auto written = write_all(fd->get(), {block.data(), *got}); !written)
                return within(input.file().string(), written.error());
        }
    }

    StandardInput(StandardInput&& other) noexcept : directory_(std::move(other.directory_)) {
        other.directory_.clear();
    }
    StandardInput& operator=(StandardInput&&) = delete;
    ~StandardInput() {
        std::error_code ignored;
        if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
    }

    Path file() const { return directory_ / "input.jsonl"; }

private:
    explicit StandardInput(Path directory) : directory_(std::move(directory)) {}

    Path directory_;
};

report::CheckedFile check_standard_input(const config::Settings& settings, const engine::Terms& terms,
                                         const money::PriceBook& prices) {
    const auto input = StandardInput::copy();
    auto plan = input ? engine::plan_offline(input->file(), terms, engine::endpoints_of(settings, terms))
                      : Result<engine::Plan>(input.error());
    return check_file("standard input", {}, std::move(plan), settings, prices);
}

report::CheckedFile check_named(const Path& path, const config::Settings& settings,
                                const engine::Terms& terms, const money::PriceBook& prices) {
    if (path == "-") return check_standard_input(settings, terms, prices);
    return check_file(path.string(), path,
                      engine::plan_offline(path, terms, engine::endpoints_of(settings, terms)), settings,
                      prices);
}

}  // namespace

ExitCode check(const CheckCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (!config::has_queue(loaded->settings, command.queue))
        return fail(error(Errc::not_found, "there is no queue " + command.queue));
    const engine::Terms terms = engine::terms_of(loaded->settings, command.queue);
    money::Prices prices;
    const auto look = prices.look(engine::price_sources(loaded->settings));
    for (const std::string& complaint : look.complaints)
        std::fprintf(stderr, "batchd: %s\n", complaint.c_str());
    bool all_fine = true;
    std::vector<report::CheckedFile> files;
    for (const Path& path : command.files) {
        // Text is shown as each file is done, for a large one takes a while; JSON is one object, and so
        // comes at the end.
        files.push_back(check_named(path, loaded->settings, terms, *look.book));
        all_fine = files.back().is_fine() && all_fine;
        if (command.form == CheckForm::text) std::fputs(report::check_text(files.back()).c_str(), stdout);
    }
    if (command.form == CheckForm::json) std::printf("%s\n", report::check_json(files).c_str());
    return all_fine ? kExitFine : kExitFailed;
}

}  // namespace batchd
