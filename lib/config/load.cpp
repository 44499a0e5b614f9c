#include "config/load.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <boost/system/errc.hpp>

#include "config/reading/contradictions.hpp"
#include "config/reading/read_toml.hpp"
#include "config/reading/reader.hpp"

namespace batchd::config {
namespace {

// A configuration of a thousand queues has a hundred kilobytes.
constexpr std::size_t kFileMax = 1024 * 1024;

/// Files, or what is wrong with them.
struct Sources {
    std::vector<Source> files;
    std::vector<Problem> problems;

    void read(const Path& path) {
        auto text = read_file(path, kFileMax);
        if (text)
            files.push_back({path.string(), std::move(*text)});
        else
            problems.push_back({path.string(), "", "can't be read: " + batchd::to_string(text.error())});
    }
};

/// What stands in batchd.d, in order of name. Hidden files are what editors and packagers put aside.
std::vector<Path> parts_of(const Path& folder, std::error_code& failure) {
    std::vector<Path> parts;
    std::filesystem::directory_iterator entries(folder, failure);
    for (; !failure && entries != std::filesystem::directory_iterator(); entries.increment(failure)) {
        const std::string name = entries->path().filename().string();
        if (name.ends_with(".toml") && !name.starts_with('.')) parts.push_back(entries->path());
    }
    // The kernel names them in no order, and messages about keys that are set twice should not change from
    // start to start.
    std::sort(parts.begin(), parts.end());
    return parts;
}

void read_parts(const Path& folder, Sources& sources) {
    std::error_code failure;
    const std::vector<Path> parts = parts_of(folder, failure);
    if (failure && failure != std::errc::no_such_file_or_directory)
        sources.problems.push_back({folder.string(), "", "can't be read: " + failure.message()});
    for (const Path& part : parts) sources.read(part);
}

/// What is wrong between values is said once: not of one that is wrong by itself.
void look_for_contradictions(Reader& reader, const std::string& file, const Checks& checks) {
    const auto place_of = [&](const std::string& key) {
        const auto source = reader.loaded.sources.find(key);
        if (source != reader.loaded.sources.end()) return source->second;
        const std::string section = reader.place_of(key.substr(0, key.rfind('.')));
        return section.empty() ? file : section;
    };
    const std::vector<Problem> before = reader.problems;
    for (Problem& problem : contradictions(reader.loaded, place_of, checks))
        if (std::none_of(before.begin(), before.end(),
                         [&](const Problem& other) { return other.key.starts_with(problem.key); }))
            reader.problems.push_back(std::move(problem));
}

}  // namespace

std::string to_string(const Problem& problem) {
    return problem.where + ": " + printable(problem.key) + (problem.key.empty() ? "" : " ") + problem.what;
}

void throw_exception_from_error(const std::vector<Problem>& problems, const boost::source_location&) {
    std::string text;
    for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_string(problem);
    throw std::runtime_error(text);
}

LoadResult load_sources(const std::vector<Source>& sources, const Environment& environment,
                        const Checks& checks) {
    std::vector<Value::Table> files;
    Reader reader;
    for (const Source& source : sources) {
        auto table = read_toml(source.toml, source.name);
        if (table)
            files.push_back(std::move(*table));
        else
            reader.problems.push_back(table.error());
    }
    // A file that is no TOML leaves holes, and what is missing in them is no mistake of its own.
    if (!reader.problems.empty()) return std::move(reader.problems);
    // The kinds of all files first: a provider may be spread over several.
    for (const Value::Table& file : files) reader.read_kinds(file);
    for (const Value::Table& file : files) reader.read(file);
    reader.read_environment(environment);
    look_for_contradictions(reader, sources.empty() ? "" : sources.front().name, checks);
    if (!reader.problems.empty()) return std::move(reader.problems);
    return std::move(reader.loaded);
}

LoadResult load_text(std::string_view toml, const std::string& file, const Environment& environment) {
    return load_sources({{file, std::string(toml)}}, environment);
}

LoadResult load(const std::optional<Path>& file, const Environment& environment, const Checks& checks) {
    const Path path = file ? *file : Path(kDefaultFile);
    Sources sources;
    // All keys have defaults, so the usual file may be missing. One that was named and is not there is a
    // mistake.
    const auto there = file ? Result<bool>(true) : file_exists(path);
    if (there && !*there)
        sources.files.push_back({path.string(), ""});
    else
        sources.read(path);
    read_parts(path.parent_path() / "batchd.d", sources);
    if (!sources.problems.empty()) return std::move(sources.problems);
    return load_sources(sources.files, environment, checks);
}

}  // namespace batchd::config
