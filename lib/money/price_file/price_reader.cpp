#include "money/price_file/price_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "money/price_file/price_events.hpp"

namespace batchd::money {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

struct PriceReader::Impl {
    boost::json::basic_parser<PriceEvents> parser{boost::json::parse_options{}};
    std::uint64_t column = 0;  // bytes of the line that were read
    std::size_t mark = 0;      // bytes of a byte order mark that may be one
    bool started = false;

    Result<void> write_line(std::string_view piece);
    Result<void> write_start(std::string_view& piece);
    Error trouble(boost::system::error_code code, std::size_t read);
};

/// What was wrong, and where.
Error PriceReader::Impl::trouble(boost::system::error_code code, std::size_t read) {
    const std::string where = "line " + std::to_string(parser.handler().line) + ", column " +
                              std::to_string(column + read + 1) + ": ";
    if (code == make_error_code(Errc::too_large))
        return error(Errc::too_large, where + "more than " + std::to_string(kModelsMax) + " models");
    return error(Errc::bad_input, where + "not valid JSON: " + code.message());
}

/// `piece` has no line end but at its end, so that whatever is found in it stands in the line that is
/// counted.
Result<void> PriceReader::Impl::write_line(std::string_view piece) {
    boost::system::error_code code;
    const std::size_t read = parser.write_some(true, piece.data(), piece.size(), code);
    if (code) return trouble(code, read);
    // What stands behind the end of the object is only looked at once it is handed in again.
    if (read < piece.size() && piece.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
        return error(Errc::bad_input, "line " + std::to_string(parser.handler().line) +
                                          ": something follows the end of the JSON text");
    column += piece.size();
    if (!piece.ends_with('\n')) return {};
    ++parser.handler().line;
    column = 0;
    return {};
}

/// Takes the byte order mark off, which may come in pieces as well.
Result<void> PriceReader::Impl::write_start(std::string_view& piece) {
    while (!started && !piece.empty()) {
        if (mark < kByteOrderMark.size() && piece.front() == kByteOrderMark[mark]) {
            ++mark;
            piece.remove_prefix(1);
            continue;
        }
        started = true;
        // A mark that broke off is text, and is no JSON.
        if (mark > 0 && mark < kByteOrderMark.size()) return write_line(kByteOrderMark.substr(0, mark));
    }
    return {};
}

PriceReader::PriceReader() : impl_(std::make_unique<Impl>()) {}
PriceReader::~PriceReader() = default;

Result<void> PriceReader::write(std::string_view piece) {
    if (auto begun = impl_->write_start(piece); !begun) return begun;
    while (!piece.empty()) {
        const std::size_t end = std::min(piece.find('\n'), piece.size() - 1) + 1;
        if (auto written = impl_->write_line(piece.substr(0, end)); !written) return written;
        piece.remove_prefix(end);
    }
    return {};
}

Result<PriceReading> PriceReader::finish() {
    boost::system::error_code code;
    // Nothing more comes: a number at the end is complete only now.
    impl_->parser.write_some(false, "", 0, code);
    PriceEvents& events = impl_->parser.handler();
    const std::string line = "line " + std::to_string(events.line) + ": ";
    if (code) return error(Errc::bad_input, line + "the JSON text ends before it is whole");
    if (!events.is_object)
        return error(Errc::bad_input, "a price file is one JSON object: {\"MODEL\": {…}, …}");
    return std::move(events.reading);
}

Result<PriceReading> read_prices(std::string_view text) {
    PriceReader reader;
    if (const auto written = reader.write(text); !written) return written.error();
    return reader.finish();
}

}  // namespace batchd::money
