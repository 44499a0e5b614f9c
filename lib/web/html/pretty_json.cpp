#include "web/html/pretty_json.hpp"

#include <algorithm>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>

#include "base/text/json_events.hpp"

namespace batchd::web {
namespace {

namespace json = boost::json;

/// Writes what the parser comes by, until there is enough of it. A tree of all values would be many times as
/// large as the line, and what is shown of it may be a thousandth.
class PrettyWriter : public JsonEvents {
public:
    explicit PrettyWriter(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    const std::string& text() const { return out_; }
    bool has_enough() const { return out_.size() > bytes_max_; }

    bool on_object_begin(json::error_code& ec) { return begin('{', ec); }
    bool on_object_end(std::size_t members, json::error_code& ec) { return end('}', members, ec); }
    bool on_array_begin(json::error_code& ec) { return begin('[', ec); }
    bool on_array_end(std::size_t values, json::error_code& ec) { return end(']', values, ec); }
    bool on_key_part(json::string_view piece, std::size_t, json::error_code&) { return keep(piece); }
    bool on_key(json::string_view piece, std::size_t, json::error_code& ec) {
        keep(piece);
        begin_line();
        write_kept();
        out_ += ": ";
        is_behind_key_ = true;
        return go_on(ec);
    }
    bool on_string_part(json::string_view piece, std::size_t, json::error_code&) { return keep(piece); }
    bool on_string(json::string_view piece, std::size_t, json::error_code& ec) {
        keep(piece);
        begin_value();
        write_kept();
        return go_on(ec);
    }
    bool on_number_part(json::string_view piece, json::error_code&) { return keep(piece); }
    bool on_int64(std::int64_t, json::string_view piece, json::error_code& ec) { return number(piece, ec); }
    bool on_uint64(std::uint64_t, json::string_view piece, json::error_code& ec) { return number(piece, ec); }
    bool on_double(double, json::string_view piece, json::error_code& ec) { return number(piece, ec); }
    bool on_bool(bool is_true, json::error_code& ec) { return word(is_true ? "true" : "false", ec); }
    bool on_null(json::error_code& ec) { return word("null", ec); }

private:
    bool go_on(json::error_code& ec) const {
        if (has_enough()) ec = json::make_error_code(json::error::array_too_large);  // any: it needs one
        return !has_enough();
    }
    bool keep(json::string_view piece) {
        kept_.append(piece.data(), std::min(piece.size(), bytes_max_ - std::min(bytes_max_, kept_.size())));
        return true;
    }
    void write_kept() {
        out_ += json::serialize(json::value(kept_));
        kept_.clear();
    }
    /// A member's value stands behind its key, and one of an array on a line of its own.
    void begin_value() {
        if (!is_behind_key_ && depth_ > 0) begin_line();
        is_behind_key_ = false;
    }
    void begin_line() {
        if (out_.back() != '{' && out_.back() != '[') out_ += ',';
        end_line();
    }
    void end_line() { (out_ += '\n').append(2 * depth_, ' '); }  // the parser refuses what is nested deep
    bool begin(char bracket, json::error_code& ec) {
        begin_value();
        out_ += bracket;
        ++depth_;
        return go_on(ec);
    }
    bool end(char bracket, std::size_t size, json::error_code& ec) {
        --depth_;
        // "{}" on one line is easier to read than on two.
        if (size > 0) end_line();
        out_ += bracket;
        return go_on(ec);
    }
    bool number(json::string_view piece, json::error_code& ec) {
        keep(piece);
        begin_value();
        out_ += kept_;  // as it is written: 1.10 is not 1.1 to whoever looks for a mistake
        kept_.clear();
        return go_on(ec);
    }
    bool word(std::string_view text, json::error_code& ec) {
        begin_value();
        out_ += text;
        return go_on(ec);
    }

    std::size_t bytes_max_;
    std::string out_;
    std::string kept_;  // of a key, a string or a number that has come in part; already without escapes
    std::size_t depth_ = 0;
    bool is_behind_key_ = false;
};

PrettyJson beginning_of(std::string_view text, std::size_t bytes_max) {
    return {std::string(text.substr(0, bytes_max)), text.size() <= bytes_max};
}

}  // namespace

PrettyJson pretty_json(std::string_view text, std::size_t bytes_max) {
    json::basic_parser<PrettyWriter> parser(json::parse_options{}, bytes_max);
    json::error_code refused;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), refused);
    const PrettyWriter& writer = parser.handler();
    const bool is_json = writer.has_enough() || (!refused && used == text.size());
    // As it stands: whoever looks for the mistake in it needs to see just that.
    return beginning_of(is_json ? std::string_view(writer.text()) : text, bytes_max);
}

}  // namespace batchd::web
