#include "jsonl/request/kind/head_text.hpp"
#include "jsonl/request/kind/kinds.hpp"

namespace batchd::jsonl {
namespace {

/// How many fields a line of CSV has; quotes may hold separators.
std::size_t count_fields(std::string_view line, char separator) {
    std::size_t fields = 1;
    bool quoted = false;
    for (const char c : line) {
        // Doubled quotes within a field turn it off and on again, which comes to the same.
        if (c == '"') quoted = !quoted;
        if (c == separator && !quoted) ++fields;
    }
    return fields;
}

/// Whether an object stands in the line as it is. Fields of CSV have their quotes doubled; those of TSV need
/// not, so that only a table whose first line is no header is none.
bool holds_object(const std::vector<std::string_view>& lines, char separator) {
    return object_at(lines[0]) != kNotThere || (separator != '\t' && object_at(lines[1]) != kNotThere);
}

FileKind table_of(char separator) {
    const bool tabs = separator == '\t';
    // As they stand: without -S, a number that begins with 0x is written as no JSON has it.
    std::string reader = tabs ? "mlr -S --itsv" : "mlr -S --icsv";
    if (!tabs && separator != ',') reader += std::string(" --ifs '") + separator + "'";
    return {
        tabs ? "a table with tabs (TSV)" : "a table (CSV)",
        "one JSON object a line is needed: " + reader +
            " --ojsonl cat FILE makes one of each row, and a request is {\"custom_id\": …, \"body\": {…}}"};
}

}  // namespace

std::optional<FileKind> kind_of_table(const std::vector<std::string_view>& lines) {
    if (lines.size() < 2) return std::nullopt;
    // Tabs first: they are the rarest within the fields of another table.
    for (const char separator : {'\t', ',', ';', '|'}) {
        const std::size_t fields = count_fields(lines[0], separator);
        // Two lines that agree in the number of fields are no accident; one line alone would make any
        // sentence with a comma a table.
        if (fields < 2 || count_fields(lines[1], separator) != fields) continue;
        if (!holds_object(lines, separator)) return table_of(separator);
    }
    return std::nullopt;
}

}  // namespace batchd::jsonl
