#pragma once

#include <string>

namespace batchd::provider {

/// The provider's key, which may be replaced while the daemon runs: each call takes the one of its moment.
/// I/O thread only.
class ApiKey {
public:
    explicit ApiKey(std::string value);
    /// After this, GatedProvider::key_changed() lets the calls go that an old key held up.
    void replace(std::string value);
    const std::string& value() const { return value_; }

private:
    std::string value_;
};

}  // namespace batchd::provider
