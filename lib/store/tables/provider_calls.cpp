#include "store/tables/provider_calls.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in ProviderCallTable::all().
static auto columns_of(ProviderCalls& row) {
    return std::tie(row.provider, row.operation, row.code, row.up_to_ms, row.calls, row.took_ms, row.bytes);
}

Result<void> ProviderCallTable::add(const std::vector<ProviderCalls>& more) {
    return database_.transact([&]() -> Result<void> {
        for (const ProviderCalls& row : more) {
            const auto added = database_.run(
                "INSERT INTO provider_calls (provider, operation, code, up_to_ms, calls, took_ms, bytes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, operation, code, up_to_ms) DO UPDATE "
                "SET"
                " calls = calls + excluded.calls, took_ms = took_ms + excluded.took_ms,"
                " bytes = bytes + excluded.bytes",
                row.provider, row.operation, row.code, row.up_to_ms, row.calls, row.took_ms, row.bytes);
            if (!added) return added;
        }
        return {};
    });
}

Result<std::vector<ProviderCalls>> ProviderCallTable::all() {
    return database_.query<ProviderCalls>(
        "SELECT provider, operation, code, up_to_ms, calls, took_ms, bytes FROM provider_calls"
        " ORDER BY provider, operation, code, up_to_ms");
}

}  // namespace batchd::store
