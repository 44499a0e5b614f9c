#pragma once

#include <span>
#include <string>

#include "store/told/notices.hpp"

/// The bodies that chat services take for one message. None of them lets a job's name ring or link anything.
namespace batchd::notify {

/// {"text": …} with &, < and > escaped, at most 4,000 bytes of text.
/// Source: Slack, "Sending messages using incoming webhooks", "Formatting text for app surfaces".
std::string slack_body(std::span<const store::Notice> notices);

/// {"content": …, "allowed_mentions": {"parse": []}}, at most 2,000 UTF-16 units of content.
/// Source: Discord, "Execute Webhook".
std::string discord_body(std::span<const store::Notice> notices);

/// Plain text of at most 4,000 bytes. Source: ntfy, "Publishing": longer ones become attachments.
std::string ntfy_body(std::span<const store::Notice> notices);

/// A header's value: visible ASCII alone, with "?" for the rest.
std::string ntfy_title(std::span<const store::Notice> notices);

/// How many UTF-16 units `utf8` has.
std::size_t utf16_units(std::string_view utf8);

}  // namespace batchd::notify
