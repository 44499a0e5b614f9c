#include "web/html/gzip.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

namespace batchd::web {
namespace {

namespace zlib = boost::beast::zlib;

constexpr int kLevel = 6, kWindowBits = 15, kMemoryLevel = 8;  // those of zlib
constexpr std::string_view kHead("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
                                 10);  // deflated, no name, no time

void append_number(std::string& out, std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((number >> shift) & 0xFFU);
}

}  // namespace

std::string gzip(std::string_view bytes) {
    zlib::deflate_stream stream;
    stream.reset(kLevel, kWindowBits, kMemoryLevel, zlib::Strategy::normal);
    // The frame is put on by hand, because Beast deflates and knows nothing of gzip's head and sum.
    std::string out(kHead);
    out.resize(kHead.size() + stream.upper_bound(bytes.size()));
    zlib::z_params step;
    step.next_in = bytes.data();
    step.avail_in = bytes.size();
    step.next_out = out.data() + kHead.size();
    step.avail_out = out.size() - kHead.size();
    boost::system::error_code end;
    stream.write(step, zlib::Flush::finish, end);  // there is room for all of it
    // The bound is what the worst bytes would need; what was made is shorter.
    out.resize(kHead.size() + step.total_out);
    boost::crc_32_type sum;
    sum.process_bytes(bytes.data(), bytes.size());
    append_number(out, sum.checksum());
    // The format has the size modulo 2^32 here. Source: RFC 1952, 2.3.1.
    append_number(out, static_cast<std::uint32_t>(bytes.size()));
    return out;
}

}  // namespace batchd::web
