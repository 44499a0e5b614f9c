#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace batchd::jsonl {

/// A place in a template where something of an answer or of its request goes.
struct Hole {
    enum class Of { answer, custom_id, input };
    Of of = Of::answer;
    std::vector<std::string>
        path{};        ///< input: keys and positions, from the line on: "body", "messages", "0"
    std::string name;  ///< as somebody wrote it: "input.body.messages.0"
};

/// What answers become: a JSON text, a whole request line or the body of one, in whose strings holes stand,
/// such as "Translate: {{answer}}". What is not a hole stays byte for byte, but for white space between
/// tokens.
class LineTemplate {
public:
    /// Errors: bad_input, which names the line of `json` and what would be right.
    static Result<LineTemplate> parse(std::string_view json);

    /// What stands for a hole, as text; nothing where it is not there.
    using Lookup = std::function<std::optional<std::string>(const Hole& hole)>;
    /// A request line without its LF. Errors: not_found, which names the hole that `lookup` has nothing for.
    Result<std::string> fill(const Lookup& lookup) const;

private:
    struct Piece {
        std::string text;          ///< JSON as it stands
        std::optional<Hole> hole;  ///< behind it
    };
    /// Cuts the text at its holes.
    class Reader;
    /// One behind the other they are the line; the last has no hole.
    std::vector<Piece> pieces_;
};

}  // namespace batchd::jsonl
