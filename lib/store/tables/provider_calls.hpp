#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace batchd::store {

/// The classes of `up_to_ms`, but for the last, which has what takes longer.
inline constexpr std::array<std::uint64_t, 12> kCallBoundsMs{50,    100,    250,    500,    1'000,   2'500,
                                                             5'000, 10'000, 30'000, 60'000, 300'000, 900'000};

/// A row of `provider_calls`: calls of one kind that took about as long.
struct ProviderCalls {
    std::string provider;        ///< by the name in the configuration
    std::string operation;       ///< "upload", "create" …
    std::string code;            ///< "2xx" … "5xx", "none"
    std::uint64_t up_to_ms = 0;  ///< none of them took longer; 0: longer than every bound
    std::uint64_t calls = 0;
    std::uint64_t took_ms = 0;  ///< together
    std::uint64_t bytes = 0;    ///< that they fetched
};

/// The table `provider_calls`. `database` must outlive it. I/O thread only. Errors: SQLite's.
class ProviderCallTable {
public:
    explicit ProviderCallTable(Database& database) : database_(database) {}

    /// Adds to what there is of each kind. In one transaction.
    Result<void> add(const std::vector<ProviderCalls>& more);
    /// All there ever were, by provider, operation, code and time.
    Result<std::vector<ProviderCalls>> all();

private:
    Database& database_;
};

}  // namespace batchd::store
