#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <boost/system/errc.hpp>

#include "base/edit_distance.hpp"
#include "config/keys/keys.hpp"
#include "config/keys/read_toml.hpp"

namespace batchd::config {
namespace {

constexpr std::size_t kFileMax = 1024 * 1024;
// All problems are told at once, so that a file is mended in one go, and a wrong file of megabytes is not
// told line by line.
constexpr std::size_t kProblemsMax = 100;
constexpr std::string_view kBaseUrlVariable = "OPENAI_BASE_URL";

bool is_section(std::string_view name) {
    return std::any_of(keys().begin(), keys().end(), [&](const Key& key) { return key.section() == name; });
}

/// The key or section that was probably meant; "" when nothing is near.
std::string_view nearest(std::string_view name) {
    static constexpr std::size_t kRunLengthMax = 64;  // bounds the comparison
    if (name.size() > kRunLengthMax) return {};
    const std::string_view leaf = name.substr(name.rfind('.') + 1);
    std::string_view best;
    // Two typing errors in a short name, a fifth of a long one: beyond that a guess would mislead.
    std::size_t best_distance = 1 + std::max<std::size_t>(2, name.size() / 5);
    const auto offer = [&](std::string_view candidate, std::size_t distance) {
        if (distance < best_distance) best = candidate, best_distance = distance;
    };
    for (const Key& key : keys()) {
        offer(key.name, edit_distance(name, key.name));
        offer(key.name, 1 + edit_distance(leaf, key.leaf()));  // in the wrong section
        if (name.find('.') == std::string_view::npos)
            offer(key.section(), edit_distance(name, key.section()));
    }
    return best;
}

std::string unknown(std::string_view name) {
    // The name is not a typing error, and the file is one that many may read.
    if (name.ends_with("api_key"))
        return "is not a key: the API key does not belong into this file; put it into a file of its own, "
               "named by "
               "provider.api_key_file, or into the systemd credential api_key";
    const std::string_view meant = nearest(name);
    if (!meant.empty()) return "is not a key of batchd: did you mean " + std::string(meant) + "?";
    return "is not a key of batchd: remove it; `batchd config` shows those that there are";
}

/// Reads one file into settings and problems.
class Reader {
public:
    explicit Reader(std::string file) : file_(std::move(file)) {}

    void read(const Value::Table& table, const std::string& prefix) {
        for (const Member& member : table) read_member(prefix + member.name, member.value);
    }

    void read_base_url(const Environment& environment) {
        static constexpr std::string_view kName = "provider.base_url";
        // The file is the operator's word for this daemon; the variable is often set for all programs of a
        // shell.
        if (loaded_.sources.count(kName) != 0) return;
        auto url = environment(kBaseUrlVariable);
        if (!url) return;
        const std::string source = "environment " + std::string(kBaseUrlVariable);
        apply(*find_key(kName), Value{std::move(*url), 0}, source);
    }

    void check_together() {
        const Settings& s = loaded_.settings;
        if (s.retry.min_backoff > s.retry.max_backoff)
            complain("retry.min_backoff", "is " + format_duration(s.retry.min_backoff) +
                                              ": must not be above retry.max_backoff, " +
                                              format_duration(s.retry.max_backoff));
        const std::array<std::pair<std::string_view, const Path*>, 4> folders{
            {{"spool.inbox", &s.spool.inbox},
             {"spool.outbox", &s.spool.outbox},
             {"spool.rejected", &s.spool.rejected},
             {"state.directory", &s.state.directory}}};
        // In one folder for two purposes the daemon would take its own answers for requests.
        for (std::size_t i = 0; i < folders.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (*folders[i].second == *folders[j].second)
                    complain(folders[i].first, "is " + folders[i].second->string() + ", as " +
                                                   std::string(folders[j].first) +
                                                   ": must be a folder of its own");
    }

    LoadResult result() && {
        if (problems_.empty()) return std::move(loaded_);
        return std::move(problems_);
    }

private:
    void read_member(const std::string& name, const Value& value) {
        const std::string where = file_ + ":" + std::to_string(value.line);
        const auto* const table = std::get_if<Value::Table>(&value.content);
        if (const Key* const key = find_key(name)) return apply(*key, value, where);
        // A misspelt key is an error and not ignored: a limit that does not hold because of a letter costs
        // money.
        if (!is_section(name)) return add({where, name, unknown(name)});
        if (table == nullptr)
            return add({where, name, "is " + describe(value) + ": must be a table, [" + name + "]"});
        read(*table, name + ".");
    }

    void apply(const Key& key, const Value& value, const std::string& where) {
        loaded_.sources[std::string(key.name)] = where;
        for (Complaint& complaint : key.read(value, loaded_.settings)) {
            const bool has_line = complaint.line != 0;
            add({has_line ? file_ + ":" + std::to_string(complaint.line) : where, std::move(complaint.key),
                 std::move(complaint.what)});
        }
    }

    /// About keys that are right each by itself: at the place of this one, or of the file where it has its
    /// default.
    void complain(std::string_view key, std::string what) {
        const auto source = loaded_.sources.find(key);
        add({source == loaded_.sources.end() ? file_ : source->second, std::string(key), std::move(what)});
    }

    void add(Problem problem) {
        if (problems_.size() < kProblemsMax) problems_.push_back(std::move(problem));
    }

    std::string file_;
    Loaded loaded_;
    std::vector<Problem> problems_;
};

}  // namespace

std::string to_string(const Problem& problem) {
    return problem.where + ": " + printable(problem.key) + (problem.key.empty() ? "" : " ") + problem.what;
}

void throw_exception_from_error(const std::vector<Problem>& problems, const boost::source_location&) {
    std::string text;
    for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_string(problem);
    throw std::runtime_error(text);
}

LoadResult load_text(std::string_view toml, const std::string& file, const Environment& environment) {
    const auto table = read_toml(toml, file);
    if (!table) return std::vector<Problem>{table.error()};
    Reader reader(file);
    reader.read(*table, "");
    reader.read_base_url(environment);
    reader.check_together();
    return std::move(reader).result();
}

LoadResult load(const std::optional<Path>& file, const Environment& environment) {
    const Path path = file ? *file : Path(kDefaultFile);
    const auto text = read_file(path, kFileMax);
    if (text) return load_text(*text, path.string(), environment);
    const Error& failure = text.error();
    // All keys have defaults, so the usual file may be missing. One that was named and is not there is a
    // mistake.
    if (!file && failure.code == boost::system::errc::no_such_file_or_directory)
        return load_text("", path.string(), environment);
    return std::vector<Problem>{{path.string(), "", "can't be read: " + batchd::to_string(failure)}};
}

}  // namespace batchd::config
