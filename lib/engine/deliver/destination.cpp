#include "engine/deliver/destination.hpp"

namespace batchd::engine {

namespace fs = std::filesystem;

Result<void> note_destination(const spool::Layout& layout, const std::string& job_key, const Path& parent) {
    const Path link = layout.destination(job_key);
    std::error_code ec;
    const Path to = fs::absolute(parent, ec);
    if (ec) return Error{ec, parent.string()};
    // Most have none yet, so it is made first, and only one of an earlier try is looked at.
    fs::create_symlink(to, link, ec);
    if (ec == std::errc::file_exists) {
        if (fs::read_symlink(link, ec) == to) return {};
        if (auto removed = remove_file(link); !removed) return removed;
        fs::create_symlink(to, link, ec);
    }
    // A file system without symbolic links does without the note, as it does without the name.
    if (ec && ec != std::errc::operation_not_permitted) return Error{ec, "make " + link.string()};
    return {};
}

Result<Path> destination_of(const spool::Layout& layout, const std::string& job_key, const Path& configured) {
    const auto is_here = file_exists(layout.input(job_key));
    if (!is_here) return is_here.error();
    if (*is_here) return configured;
    std::error_code ec;
    const Path noted = fs::read_symlink(layout.destination(job_key), ec);
    return ec || noted.is_relative() ? configured : noted;
}

}  // namespace batchd::engine
