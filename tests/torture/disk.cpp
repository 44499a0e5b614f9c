#include "torture/disk.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/stat.h>

#include "support/temp_dir.hpp"

namespace batchd::torture {
namespace {

constexpr std::size_t kSectorBytes = 512;

/// A change of bytes that is not safe yet.
struct DataChange {
    Disk::Moment at = 0;
    bool is_truncation = false;
    std::uint64_t offset = 0;  // of a truncation: the new size
    std::string bytes;
};

void write_at(std::string& content, std::uint64_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
    content.replace(offset, bytes.size(), bytes);
}

void apply_data(const DataChange& change, std::string& content) {
    if (change.is_truncation)
        content.resize(change.offset, '\0');
    else
        write_at(content, change.offset, change.bytes);
}

/// Some sectors of a write.
void apply_in_part(const DataChange& change, std::string& content, std::mt19937_64& random) {
    for (std::uint64_t at = change.offset, end = change.offset + change.bytes.size(); at < end;) {
        const std::uint64_t next = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
        if (random() % 2 == 0)
            write_at(content, at, std::string_view(change.bytes).substr(at - change.offset, next - at));
        at = next;
    }
}

struct stat status_of(const Path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("can't look at " + path.string());
    return status;
}

}  // namespace

/// A file or a folder.
struct Disk::Node {
    FileNumber number = 0;
    bool is_directory = false;
    bool is_symlink = false;
    Names names;          // of a folder, as seen
    std::string content;  // of a file, as seen
    std::string safe_content;
    std::vector<DataChange> changes;  // in order, not safe

    void note(DataChange change) {
        apply_data(change, content);
        changes.push_back(std::move(change));
    }
    void make_safe(Moment began) {
        const auto end = std::find_if(changes.begin(), changes.end(),
                                      [&](const DataChange& change) { return change.at >= began; });
        for (auto change = changes.begin(); change != end; ++change) apply_data(*change, safe_content);
        changes.erase(changes.begin(), end);
    }
    std::string after_power_cut(Survival survival, std::mt19937_64& random) const {
        if (survival == Survival::synced_only || survival == Survival::names_without_data)
            return safe_content;
        std::string left = safe_content;
        const std::size_t whole = random() % (changes.size() + 1);
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (survival == Survival::in_order) {
                if (i < whole) apply_data(changes[i], left);
            } else if (!changes[i].is_truncation)
                apply_in_part(changes[i], left, random);
            else if (random() % 2 == 0)
                apply_data(changes[i], left);
        }
        return left;
    }
};

const char* to_string(Survival survival) {
    switch (survival) {
        case Survival::synced_only:
            return "what was synced";
        case Survival::names_without_data:
            return "names without data";
        case Survival::in_order:
            return "what came before some moment";
        case Survival::anything:
            break;
    }
    return "anything";
}

Disk::Disk(const Path& root, const std::set<std::string>& top_folders) : root_(std::make_shared<Node>()) {
    root_->is_directory = true;
    root_->number = status_of(root).st_ino;
    nodes_[root_->number] = root_;
    all_.push_back(root_);
    for (const std::string& folder : top_folders)
        if (std::filesystem::exists(root / folder)) {
            const auto node = std::make_shared<Node>();
            root_->names[folder] = node;
            take_in(root / folder, node);
        }
    safe_names_[root_.get()] = root_->names;
}

void Disk::take_in(const Path& path, const NodePtr& node) {
    const auto status = status_of(path);
    node->number = status.st_ino;
    node->is_directory = S_ISDIR(status.st_mode);
    nodes_[node->number] = node;
    all_.push_back(node);
    if (node->is_directory) {
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            const auto inner = std::make_shared<Node>();
            node->names[entry.path().filename()] = inner;
            take_in(entry.path(), inner);
        }
        safe_names_[node.get()] = node->names;
    } else if (S_ISLNK(status.st_mode)) {
        node->is_symlink = true;
        node->content = node->safe_content = std::filesystem::read_symlink(path);
    } else if (S_ISREG(status.st_mode)) {
        node->content = node->safe_content = testing::slurp(path);
    }
}

Disk::NodePtr Disk::find(const std::string& path) const {
    NodePtr node = root_;
    for (const Path& part : Path(path)) {
        if (part.empty()) continue;
        const auto next = node->names.find(part);
        if (next == node->names.end()) throw std::runtime_error("the disk knows no " + path);
        node = next->second;
    }
    return node;
}

Disk::Place Disk::place(const std::string& path) const {
    const Path whole(path);
    return {find(whole.parent_path()), whole.filename()};
}

void Disk::change(NameChange change) {
    change.at = now_++;
    if (change.from.directory) change.from.directory->names.erase(change.from.name);
    if (change.to.directory) change.to.directory->names[change.to.name] = change.what;
    changes_.push_back(std::move(change));
}

void Disk::made_file(const std::string& path, FileNumber number) {
    const auto node = std::make_shared<Node>();
    node->number = number;
    nodes_[number] = node;
    all_.push_back(node);
    change({.what = node, .to = place(path)});
}

void Disk::made_directory(const std::string& path, FileNumber number) {
    made_file(path, number);
    nodes_.at(number)->is_directory = true;
    safe_names_[nodes_.at(number).get()] = {};
}

void Disk::made_symlink(const std::string& path, FileNumber number, const std::string& to) {
    made_file(path, number);
    Node& node = *nodes_.at(number);
    node.is_symlink = true;
    node.content = node.safe_content = to;  // kept with the name
}

void Disk::wrote(FileNumber number, std::uint64_t offset, std::string bytes) {
    nodes_.at(number)->note({.at = now_++, .offset = offset, .bytes = std::move(bytes)});
}

void Disk::truncated(FileNumber number, std::uint64_t size) {
    nodes_.at(number)->note({.at = now_++, .is_truncation = true, .offset = size});
}

void Disk::renamed(const std::string& from, const std::string& to) {
    change({.what = find(from), .to = place(to), .from = place(from)});
}

void Disk::linked(const std::string& from, const std::string& to) {
    change({.what = find(from), .to = place(to)});
}

void Disk::removed(const std::string& path) {
    change({.from = place(path)});
}

void Disk::apply(const NameChange& change, std::map<Node*, Names>& names) {
    if (change.from.directory) {
        Names& from = names[change.from.directory.get()];
        const auto found = from.find(change.from.name);
        // Something else may have the name by then, safely.
        if (found != from.end() && (!change.what || found->second == change.what)) from.erase(found);
    }
    if (change.to.directory) names[change.to.directory.get()][change.to.name] = change.what;
}

void Disk::synced(FileNumber number, Moment began) {
    const NodePtr node = nodes_.at(number);
    if (node->is_directory)
        make_safe(node, began);
    else
        node->make_safe(began);
}

void Disk::synced_all(Moment began) {
    for (const NodePtr& node : all_)
        if (!node->is_directory) node->make_safe(began);
    const auto first_left = std::find_if(changes_.begin(), changes_.end(),
                                         [&](const NameChange& change) { return change.at >= began; });
    for (auto change = changes_.begin(); change != first_left; ++change) apply(*change, safe_names_);
    changes_.erase(changes_.begin(), first_left);
}

void Disk::make_safe(const NodePtr& directory, Moment began) {
    // Changes of one name stay in their order: a change that is safe takes the earlier ones of its names
    // along.
    std::vector<bool> safe(changes_.size(), false);
    std::vector<Place> places;
    for (std::size_t i = changes_.size(); i-- > 0;) {
        const NameChange& change = changes_[i];
        const auto is_safe_place = [&](const Place& place) {
            return place.directory && std::find(places.begin(), places.end(), place) != places.end();
        };
        safe[i] = (change.at < began && change.touches(directory)) || is_safe_place(change.to) ||
                  is_safe_place(change.from);
        if (safe[i]) places.insert(places.end(), {change.to, change.from});
    }
    std::vector<NameChange> rest;
    for (std::size_t i = 0; i < changes_.size(); ++i)
        if (safe[i])
            apply(changes_[i], safe_names_);
        else
            rest.push_back(changes_[i]);
    changes_ = std::move(rest);
}

std::vector<bool> Disk::surviving_changes(Survival survival, std::mt19937_64& random) const {
    std::vector<bool> survives(changes_.size(), survival == Survival::names_without_data);
    if (survival == Survival::in_order) std::fill_n(survives.begin(), random() % (changes_.size() + 1), true);
    if (survival != Survival::anything) return survives;
    std::vector<Place> places;
    for (std::size_t i = changes_.size(); i-- > 0;) {
        const NameChange& change = changes_[i];
        const auto is_taken = [&](const Place& place) {
            return place.directory && std::find(places.begin(), places.end(), place) != places.end();
        };
        survives[i] = random() % 2 == 0 || is_taken(change.to) || is_taken(change.from);
        if (survives[i]) places.insert(places.end(), {change.to, change.from});
    }
    return survives;
}

template <class NamesOf, class ContentOf>
Disk::Picture Disk::picture(NamesOf names_of, ContentOf content_of) const {
    Picture picture;
    std::vector<std::pair<std::string, NodePtr>> open{{"", root_}};
    while (!open.empty()) {
        const auto [path, directory] = open.back();
        open.pop_back();
        for (const auto& [name, node] : names_of(*directory)) {
            if (node->is_directory) {
                picture.tree[path + name + "/"];
                open.emplace_back(path + name + "/", node);
            } else if (node->is_symlink) {
                picture.tree[path + name + "@"] = node->content;
            } else {
                picture.tree[path + name] = content_of(*node);
                picture.files[path + name] = node.get();
            }
        }
    }
    return picture;
}

Disk::Picture Disk::as_seen() const {
    return picture([](const Node& directory) -> const Names& { return directory.names; },
                   [](const Node& file) { return file.content; });
}

Disk::Picture Disk::after_power_cut(Survival survival, std::mt19937_64& random) const {
    std::map<Node*, Names> names = safe_names_;
    const auto survives = surviving_changes(survival, random);
    for (std::size_t i = 0; i < changes_.size(); ++i)
        if (survives[i]) apply(changes_[i], names);
    std::map<const Node*, std::string> left;  // a file with two names is one file
    for (const NodePtr& node : all_) left[node.get()] = node->after_power_cut(survival, random);
    return picture([&](Node& directory) -> const Names& { return names[&directory]; },
                   [&](const Node& file) { return left.at(&file); });
}

}  // namespace batchd::torture
