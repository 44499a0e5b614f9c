#pragma once

#include <optional>
#include <string>
#include <vector>

namespace batchd::testing {

/// Decides what getaddrinfo() answers in this program for some names, as long as it lives; others are looked
/// up as ever. One at a time.
class ScriptedNames {
public:
    ScriptedNames();
    /// Lookups that hang fail now; it waits until they have.
    ~ScriptedNames();
    ScriptedNames(const ScriptedNames&) = delete;
    ScriptedNames& operator=(const ScriptedNames&) = delete;

    /// `name` has these addresses, in this order.
    void answer(const std::string& name, std::vector<std::string> addresses);
    /// A lookup of `name` is not answered.
    void hang(const std::string& name);

    /// For getaddrinfo(): what a name that is scripted has, after the wait that it was told.
    static std::optional<std::vector<std::string>> look_up(const std::string& name);

private:
    struct Script;
    static Script& script();
};

}  // namespace batchd::testing
