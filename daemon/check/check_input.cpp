#include "daemon/check/check_input.hpp"

#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd {
namespace {

/// A file without a name: whatever ends the command, nothing of the requests is left.
Result<UniqueFd> make_nameless(const std::string& folder) {
    std::string name = folder + "/batchd-check-XXXXXX";
    UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return system_failure("make a file in " + folder);
    if (auto removed = remove_file(name); !removed) return removed.error();
    return file;
}

/// A scan could not read it twice.
Result<CheckInput> copy_of_stream(int from, const std::string& name) {
    const char* const given = std::getenv("TMPDIR");
    const std::string folder = given == nullptr ? "/tmp" : given;
    auto copy = make_nameless(folder);
    if (!copy) return copy.error();
    for (std::vector<char> block(256 * 1024);;) {
        // A pipe may be larger than memory, so it is never held as a whole.
        const auto got = read_some(from, block.data(), block.size());
        if (!got) return within(name, got.error());
        if (*got == 0) break;
        if (auto written = write_all(copy->get(), {block.data(), *got}); !written)
            return within("a copy in " + folder, written.error());
    }
    if (::lseek(copy->get(), 0, SEEK_SET) != 0) return system_failure("rewind");
    return CheckInput{std::move(*copy), true};
}

}  // namespace

Result<CheckInput> open_check_input(const Path& path) {
    auto file = open_file(path, O_RDONLY);
    if (!file) return file.error();
    struct stat status{};
    if (::fstat(file->get(), &status) != 0) return system_failure("look at " + path.string());
    // A folder is told from a file when it is read.
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) return CheckInput{std::move(*file), false};
    return copy_of_stream(file->get(), path.string());
}

Result<CheckInput> open_standard_input() {
    return copy_of_stream(STDIN_FILENO, "standard input");
}

}  // namespace batchd
