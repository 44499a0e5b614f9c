#include "jsonl/request/file_kind.hpp"

#include <algorithm>
#include <array>

#include "jsonl/request/kind/wide_text.hpp"

namespace batchd::jsonl {
namespace {

using namespace std::string_view_literals;

/// Bytes that a format begins with.
struct Magic {
    std::string_view bytes;
    std::string_view kind;
    std::string_view remedy;
};

// What helps with any format that has a program of its own.
constexpr std::string_view kExport = "export its requests as JSON, one object a line";

// The longer marks come first where one begins another.
constexpr std::array kMagics{
    Magic{"\x1F\x8B"sv, "compressed with gzip", "unpack it first: gunzip -c FILE > NEW.jsonl"},
    Magic{"\x28\xB5\x2F\xFD"sv, "compressed with zstd", "unpack it first: zstd -dc FILE > NEW.jsonl"},
    Magic{"\xFD"
          "7zXZ\0"sv,
          "compressed with xz", "unpack it first: xz -dc FILE > NEW.jsonl"},
    Magic{"BZh"sv, "compressed with bzip2", "unpack it first: bunzip2 -c FILE > NEW.jsonl"},
    Magic{"\x04\x22\x4D\x18"sv, "compressed with lz4", "unpack it first: lz4 -dc FILE > NEW.jsonl"},
    Magic{"PK\x03\x04"sv, "a zip archive, or a spreadsheet or document, which are such archives",
          "unpack it, or export it as JSON, one object a line"},
    Magic{"7z\xBC\xAF\x27\x1C"sv, "a 7z archive", "unpack it first: 7z x FILE"},
    Magic{"Rar!\x1A\x07"sv, "a RAR archive", "unpack it first: unrar x FILE"},
    Magic{"%PDF-"sv, "a PDF document", "take its text out, and make one JSON object a line of it"},
    Magic{"SQLite format 3\0"sv, "an SQLite database", kExport},
    Magic{"PAR1"sv, "a Parquet file", kExport},
    Magic{"Obj\x01"sv, "an Avro file", kExport},
    Magic{"\xD0\xCF\x11\xE0"sv, "an old Office document", kExport},
    Magic{"\xFF\xFE\0\0"sv, "text in UTF-32, little end first",
          "UTF-8 is needed: iconv -f UTF-32LE -t UTF-8 FILE > NEW.jsonl"},
    Magic{"\0\0\xFE\xFF"sv, "text in UTF-32, big end first",
          "UTF-8 is needed: iconv -f UTF-32BE -t UTF-8 FILE > NEW.jsonl"},
    Magic{"\xFF\xFE"sv, "text in UTF-16, little end first, as PowerShell writes it",
          "UTF-8 is needed: iconv -f UTF-16 -t UTF-8 FILE > NEW.jsonl"},
    Magic{"\xFE\xFF"sv, "text in UTF-16, big end first",
          "UTF-8 is needed: iconv -f UTF-16 -t UTF-8 FILE > NEW.jsonl"},
};

FileKind kind_of(const Magic& magic) {
    return {std::string(magic.kind), std::string(magic.remedy)};
}

/// Not among them: the blanks, and the escape that begins a terminal's colours.
bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 && "\t\n\v\f\r\x1B"sv.find(c) == std::string_view::npos;
}

}  // namespace

std::string sentence(const FileKind& kind) {
    return "it is " + kind.kind + "; " + kind.remedy;
}

std::optional<FileKind> unreadable_kind(std::string_view head) {
    head = head.substr(0, kHeadBytes);
    for (const Magic& magic : kMagics)
        if (head.starts_with(magic.bytes)) return kind_of(magic);
    // A tar archive has no mark at its beginning, which is the name of its first file. Source: tar(5).
    if (head.size() > 262 && head.substr(257, 5) == "ustar")
        return FileKind{"a tar archive", "unpack it first: tar -xf FILE"};
    // Its first lines are requests all the same.
    if (partly_wide_kind(head)) return std::nullopt;
    if (auto wide = unmarked_wide_kind(head)) return wide;
    const auto nuls = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\0'));
    const auto controls = static_cast<std::size_t>(std::count_if(head.begin(), head.end(), is_control));
    if (!head.empty() && head.find_first_not_of('\0') == std::string_view::npos)
        return FileKind{"full of NULs, as a file that was reserved and never written",
                        "write it anew: one JSON object a line"};
    if (!head.empty() && !is_control(head.front()) && nuls == controls && nuls * 20 > head.size())
        return FileKind{"text that goes over into NULs, as in a file that was reserved or torn",
                        "write it anew: one JSON object a line"};
    // A few controls may come from a terminal that was copied; a twentieth of all bytes is no text.
    if (!head.empty() && (head.front() == '\0' || controls * 20 > head.size()))
        return FileKind{"a binary file", "a file of text is needed: one JSON object a line, in UTF-8"};
    return std::nullopt;
}

}  // namespace batchd::jsonl
