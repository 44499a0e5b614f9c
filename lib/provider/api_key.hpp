#pragma once

#include <string>

namespace batchd::provider {

/// The provider's key, which may be replaced while the daemon runs: each call takes the one of its moment.
/// I/O thread only.
class ApiKey {
public:
    /// `none`: the server knows no keys.
    enum class Need { key, none };
    explicit ApiKey(std::string value, Need need = Need::key);
    /// After this, GatedProvider::key_changed() lets the calls go that an old key held up.
    void replace(std::string value);
    /// A secret: for the header of a request, and for what takes it out of texts. "" where there is none.
    const std::string& value() const { return value_; }
    /// There is none, but there has to be one.
    bool is_missing() const { return need_ == Need::key && value_.empty(); }

private:
    std::string value_;
    Need need_;
};

}  // namespace batchd::provider
