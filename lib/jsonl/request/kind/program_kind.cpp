#include "jsonl/request/kind/head_text.hpp"
#include "jsonl/request/kind/kinds.hpp"

namespace batchd::jsonl {
namespace {

bool has_conflict(std::string_view text) {
    // A line end stands in no JSON text as it is, so that these are no prompt's.
    return text.starts_with("<<<<<<< ") ||
           (text.find("\n<<<<<<< ") != kNotThere && text.find("\n=======") != kNotThere);
}

bool is_diff(const std::vector<std::string_view>& lines) {
    return lines[0].starts_with("diff --git ") ||
           (lines.size() > 1 && lines[0].starts_with("--- ") && lines[1].starts_with("+++ "));
}

/// An assignment, or an object as dput() writes it.
bool is_r(std::string_view line) {
    if (const std::size_t arrow = line.find(" <- "); arrow != kNotThere)
        if (line.substr(0, arrow).find(' ') == kNotThere) return true;
    if (line.starts_with("library(") || line.starts_with("list(list(")) return true;
    for (const std::string_view call : {"list(", "structure(", "data.frame(", "tibble("})
        if (line.starts_with(call) && line.find(" = ") != kNotThere) return true;
    return false;
}

bool is_python(std::string_view line) {
    constexpr std::string_view kImport = "import ";
    if (line.starts_with("from ")) return line.find(" import ") != kNotThere;
    return line.starts_with(kImport) && line.find_first_of(" .", kImport.size()) == kNotThere;
}

/// A brace, and a key in the quotes of books.
bool has_typographic_quotes(std::string_view text) {
    if (!text.starts_with('{')) return false;
    const std::string_view key = trimmed(text.substr(1));
    return key.starts_with("\u201C") || key.starts_with("\u201D") || key.starts_with("\u201E");
}

}  // namespace

std::optional<FileKind> kind_of_leftover(std::string_view text) {
    if (text.starts_with("version https://git-lfs.github.com/spec/"))
        return FileKind{"a pointer of Git LFS, not the file that it stands for",
                        "get the file in its repository first: git lfs pull"};
    if (has_conflict(text))
        return FileKind{"a file with a conflict of Git (<<<<<<<, =======, >>>>>>>)",
                        "solve it in its repository first"};
    if (text.starts_with("{\\rtf")) return FileKind{"a document in RTF", "save it as plain text, in UTF-8"};
    if (has_typographic_quotes(text))
        return FileKind{"JSON with typographic quotes (\u201C \u201D)",
                        "JSON has straight ones: sed 's/\u201C/\"/g; s/\u201D/\"/g; s/\u201E/\"/g' FILE > "
                        "NEW.jsonl"};
    const auto lines = first_lines(text, 2);
    if (is_diff(lines)) return FileKind{"a diff", "the file itself is needed"};
    if (is_r(lines[0]))
        return FileKind{"code in R",
                        "JSON is needed: write each line with jsonlite::toJSON(request, auto_unbox = TRUE)"};
    if (is_python(lines[0])) return FileKind{"code in Python", "drop the file that it writes"};
    return std::nullopt;
}

}  // namespace batchd::jsonl
