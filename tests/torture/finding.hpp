#pragma once

#include <string>
#include <vector>

namespace batchd::torture {

/// Something that must never happen and did.
struct Finding {
    enum class Kind {
        lost,     ///< an input or an answer is gone, doubled, or not what it should be
        twice,    ///< the provider's ledger says that something was paid for twice
        crashed,  ///< the daemon ended as it must not, or did not end
        broken    ///< another invariant: the database, a file in part, the key in sight, remains
    };
    Kind kind = Kind::broken;
    std::string text;
};

using Findings = std::vector<Finding>;

inline void append(Findings& to, const Findings& from) {
    to.insert(to.end(), from.begin(), from.end());
}

inline const char* to_string(Finding::Kind kind) {
    switch (kind) {
        case Finding::Kind::lost:
            return "LOST";
        case Finding::Kind::twice:
            return "TWICE";
        case Finding::Kind::crashed:
            return "CRASHED";
        case Finding::Kind::broken:
            break;
    }
    return "BROKEN";
}

}  // namespace batchd::torture
