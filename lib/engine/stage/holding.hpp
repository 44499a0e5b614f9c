#pragma once

#include <string>
#include <string_view>

#include "engine/ports.hpp"

/// Batches that can't go on by themselves: only time, or a person, can say what became of them.
namespace batchd::engine {

/// True where a batch that was made at `base_url` ("": nobody knows) can't be asked for: calls go to another
/// address now, and what it knows under the same id is not ours.
bool is_elsewhere(std::string_view base_url, const provider::Identity& now);
/// What to put back, by the account's name in the configuration.
std::string why_elsewhere(std::string_view base_url, const AccountPorts& ports);
/// "provider.base_url", or "provider.NAME.base_url" of an account with a name.
std::string base_url_key(std::string_view account);

/// Puts the batch on hold: in its row, by a trigger of the schema in `conditions`, and as an event where it
/// was not held before. Part of the caller's transaction.
Result<void> hold(Ports& ports, const store::Batch& batch, const std::string& why);
/// It goes on. Fine where it is not held.
Result<void> release(Ports& ports, const store::Batch& batch, const std::string& why);

}  // namespace batchd::engine
