#include "web/download/tar.hpp"

#include <algorithm>
#include <numeric>

#include "base/text/characters.hpp"

namespace batchd::web {
namespace {

/// Places and lengths of the fields that are filled in.
struct TarField {
    std::size_t at, length;
};
constexpr TarField kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12}, kTime{136, 12}, kSum{148, 8};
constexpr std::size_t kType = 156, kMagic = 257;
// With the longest name of a file behind it, it fits into the 100 bytes of the format.
constexpr std::size_t kFolderMax = 80;

/// Octal digits with leading zeros, and a 0 byte behind them.
void put_octal(std::string& block, TarField field, std::uint64_t number) {
    for (std::size_t i = field.length - 1; i-- > 0; number /= 8)
        block[field.at + i] = static_cast<char>('0' + number % 8);
}

/// A size that has more than 11 octal digits: binary, with the highest bit set.
void put_size(std::string& block, std::uint64_t size) {
    if (size < 1ULL << 33U) return put_octal(block, kSize, size);
    block[kSize.at] = static_cast<char>(0x80);
    for (std::size_t i = kSize.length; i-- > 4; size >>= 8U)
        block[kSize.at + i] = static_cast<char>(size & 0xFFU);
}

unsigned sum_of(const std::string& block) {
    return std::accumulate(block.begin(), block.end(), 0U,
                           [](unsigned sum, char c) { return sum + static_cast<unsigned char>(c); });
}

}  // namespace

std::string tar_header(std::string_view name, std::uint64_t size, TimePoint modified) {
    std::string block(kTarBlock, '\0');
    name.substr(0, 100).copy(block.data(), 100);
    put_octal(block, kMode, 0640);
    // Nobody's: who unpacks it owns the files, and who has the job here is not for them to know.
    put_octal(block, kUser, 0);
    put_octal(block, kGroup, 0);
    put_size(block, size);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(modified.time_since_epoch()).count();
    // The field has no sign, and a time before 1970 is a clock that was wrong.
    put_octal(block, kTime, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
    block[kType] = '0';
    std::string_view(
        "ustar\0"
        "00",
        8)
        .copy(block.data() + kMagic, 8);
    // The sum is of the block with blanks in its own place.
    std::fill_n(block.begin() + kSum.at, kSum.length, ' ');
    const unsigned sum = sum_of(block);
    put_octal(block, {kSum.at, kSum.length - 1}, sum);
    block[kSum.at + kSum.length - 2] = '\0';
    return block;
}

std::size_t tar_padding(std::uint64_t size) {
    return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

std::string tar_end() {
    // Two blocks of zeros are the end, by which a reader tells it from an archive that was cut.
    return std::string(2 * kTarBlock, '\0');
}

std::string tar_folder(std::string_view job_name) {
    std::string folder(job_name.substr(0, kFolderMax));
    // Not in the middle of a character.
    while (folder.size() < job_name.size() && !folder.empty() && !begins_character(job_name[folder.size()]))
        folder.pop_back();
    for (char& c : folder)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/' || c == '\\') c = '_';
    // Whoever unpacks it finds it: a dot in front would hide it, and ".." would lead out of where they are.
    if (folder.empty() || folder.front() == '.') folder.insert(0, "_");
    return folder;
}

}  // namespace batchd::web
