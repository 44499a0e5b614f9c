#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a provider may do in a history, as /admin of the practice provider takes it. All of it passes by
/// itself or with the end of the history, and none of it hides a batch for longer than the daemon watches for
/// it.
namespace batchd::torture {

/// What may happen to a call, once or a few times. None needs the provider's silence to be waited out.
std::span<const char* const> faults();
/// How a provider may be throughout a history.
std::span<const char* const> manners();
/// Likewise, for one that is not to be trusted.
std::span<const char* const> lying_manners();
/// What it may say that is not so.
std::span<const char* const> lies();

/// Faults of the wire on every path at once: answers that are empty, a page, noise, or short but whole. The
/// calls take effect.
std::vector<std::string> storm(std::uint64_t random);

/// Whether rows end without their answer under a manner, although they were paid for.
bool hides_answers(std::string_view manner);

}  // namespace batchd::torture
