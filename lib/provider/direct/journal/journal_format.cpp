#include "provider/direct/journal/journal_format.hpp"

#include <cstring>

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>

namespace batchd::provider::direct {
namespace {

template <class Number>
/// In little-endian order on any machine, and without alignment: a journal may be read where it was not
/// written.
void put_number(char* at, Number number) {
    boost::endian::native_to_little_inplace(number);
    std::memcpy(at, &number, sizeof number);
}

template <class Number>
Number number_at(const char* at) {
    Number number;
    std::memcpy(&number, at, sizeof number);
    return boost::endian::little_to_native(number);
}

bool is_known(char kind) {
    return kind == 'I' || kind == 'E' || kind == 'A' || kind == 'F';
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

std::array<char, kRecordBytes> encode(const Record& record) {
    std::array<char, kRecordBytes> bytes{};
    // Three bytes behind it stay zero, so that the numbers stand at multiples of their size.
    bytes[0] = static_cast<char>(record.kind);
    put_number(bytes.data() + 4, record.attempt);
    put_number(bytes.data() + 8, record.row);
    put_number(bytes.data() + 16, record.offset);
    put_number(bytes.data() + 24, record.size);
    put_number(bytes.data() + 32, record.line_crc);
    // Over all before it, so that a record that was half written is none.
    put_number(bytes.data() + 36, crc32({bytes.data(), 36}));
    return bytes;
}

std::optional<Record> decode_record(std::string_view bytes) {
    if (bytes.size() != kRecordBytes || !is_known(bytes[0])) return {};
    if (number_at<std::uint32_t>(bytes.data() + 36) != crc32(bytes.substr(0, 36))) return {};
    return Record{.kind = static_cast<RecordKind>(bytes[0]),
                  .attempt = number_at<std::uint32_t>(bytes.data() + 4),
                  .row = number_at<std::uint64_t>(bytes.data() + 8),
                  .offset = number_at<std::uint64_t>(bytes.data() + 16),
                  .size = number_at<std::uint64_t>(bytes.data() + 24),
                  .line_crc = number_at<std::uint32_t>(bytes.data() + 32)};
}

}  // namespace batchd::provider::direct
