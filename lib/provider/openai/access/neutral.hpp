#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// What is asked to learn whether the key is let in: listings that are nobody's in particular, one after the
/// other until one of them tells. A list that is not there tells nothing, nor does one that is refused: there
/// are keys that may do all but look through it. Pure.
class Neutral {
public:
    /// `files_path`: as Wire::files_path().
    Neutral(const config::Dialect& dialect, const std::string& files_path);

    /// The path of the next list of one; nothing where it is settled, or nothing is left to be asked.
    std::optional<std::string> next();
    /// What the last one was answered with, where a list that is not there is unsupported.
    void answered(Answer<void> answer);
    /// The key is let in where one of them was shown. It is refused where one was refused and none was shown.
    Answer<void> answer() const;

private:
    std::vector<std::string> paths_;
    std::size_t asked_ = 0;
    bool is_settled_ = false;
    std::optional<Failure> refused_;
    Answer<void> last_;
};

}  // namespace batchd::provider
