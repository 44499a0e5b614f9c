#pragma once

#include "config/keys/keys.hpp"
#include "config/load.hpp"

namespace batchd::config {

/// Reads the values of all files into settings, each by itself, and collects what is wrong with them.
class Reader {
public:
    /// The first thing to do: what a provider leaves open depends on its kind.
    void read_kinds(const Value::Table& file);

    /// A file, after those before it.
    void read(const Value::Table& file);

    /// What the file leaves open and the environment has.
    void read_environment(const Environment& environment);

    /// Where a section begins, for what is wrong with something that is not in it; "" for one that is in no
    /// file.
    std::string place_of(const std::string& section) const;

    Loaded loaded;
    std::vector<Problem> problems;

private:
    void read_section(const std::string& section, const Value::Table& table);
    /// A provider, a queue or a target of notices, of which any number may be there.
    void read_named(const std::string& section, const Value& value);
    void read_queues(const Value& value);
    bool expect_table(const std::string& name, const Value& value, const std::string& header);
    void apply(const Key& key, const Value& value);
    /// Keeps it, up to a hundred: a wrong file of megabytes is not told line by line.
    void add(Problem problem);

    std::map<std::string, Kind> kinds_;  // by section
    std::map<std::string, std::string> places_;
};

}  // namespace batchd::config
