#include "provider/openai/json/json_stream.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>

#include "base/text/byte_order_mark.hpp"
#include "base/text/json_events.hpp"

namespace batchd::provider {
namespace {

namespace json = boost::json;

constexpr std::size_t kKeyBytesMax = 512;
constexpr std::size_t kStringBytesMax = 64 * 1024 + 1;
constexpr std::string_view kNoKey{"\0?", 2};

void append_up_to(std::string& text, std::string_view piece, std::size_t size_max) {
    text.append(piece.substr(0, size_max - std::min(size_max, text.size())));
}

/// The parser's events, with the path of each.
class Events : public JsonEvents {
public:
    explicit Events(JsonVisitor& visitor) : visitor_(visitor) {}
    bool is_stopped() const { return is_stopped_; }

    bool on_object_begin(json::error_code& ec) { return begin(JsonKind::object, "", ec); }
    bool on_object_end(std::size_t, json::error_code& ec) { return end(ec); }
    bool on_array_begin(json::error_code& ec) { return begin(JsonKind::array, kJsonElement, ec); }
    bool on_array_end(std::size_t, json::error_code& ec) { return end(ec); }
    bool on_key_part(json::string_view piece, std::size_t, json::error_code&) {
        append_up_to(text_, {piece.data(), piece.size()}, kKeyBytesMax + 1);
        return true;
    }
    bool on_key(json::string_view piece, std::size_t, json::error_code&) {
        append_up_to(text_, {piece.data(), piece.size()}, kKeyBytesMax + 1);
        const bool is_key = text_.size() <= kKeyBytesMax && text_.find('\0') == std::string::npos;
        path_.back() = is_key ? std::string_view(text_) : kNoKey;
        text_.clear();
        return true;
    }
    bool on_string_part(json::string_view piece, std::size_t, json::error_code&) {
        append_up_to(text_, {piece.data(), piece.size()}, kStringBytesMax);
        return true;
    }
    bool on_string(json::string_view piece, std::size_t, json::error_code& ec) {
        append_up_to(text_, {piece.data(), piece.size()}, kStringBytesMax);
        const json::value value(json::string_view(text_.data(), text_.size()));
        text_.clear();
        return scalar(value, ec);
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) { return scalar(number, ec); }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code& ec) {
        return scalar(number, ec);
    }
    bool on_double(double number, json::string_view, json::error_code& ec) { return scalar(number, ec); }
    bool on_bool(bool is_true, json::error_code& ec) { return scalar(is_true, ec); }
    bool on_null(json::error_code& ec) { return scalar(nullptr, ec); }

private:
    bool go_on(bool wanted, json::error_code& ec) {
        is_stopped_ = !wanted;
        if (!wanted) ec = json::make_error_code(json::error::array_too_large);  // any: the parser needs one
        return wanted;
    }
    bool begin(JsonKind kind, std::string_view step, json::error_code& ec) {
        const bool wanted = visitor_.begin(path_, kind);
        path_.emplace_back(step);
        return go_on(wanted, ec);
    }
    bool end(json::error_code& ec) {
        path_.pop_back();
        return go_on(visitor_.end(path_), ec);
    }
    bool scalar(const json::value& value, json::error_code& ec) {
        return go_on(visitor_.scalar(path_, value), ec);
    }

    JsonVisitor& visitor_;
    std::vector<std::string> path_;  // a step for each open object and array
    std::string text_;               // of a key or string that has come in part
    bool is_stopped_ = false;
};

json::parse_options options() {
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    return options;
}

}  // namespace

struct JsonStream::Impl {
    explicit Impl(JsonVisitor& visitor) : parser(options(), visitor) {}

    std::string_view without_mark(std::string_view piece) {
        while (!piece.empty() && mark_.starts_with(piece.front())) {
            piece.remove_prefix(1);
            mark_.remove_prefix(1);
        }
        if (!piece.empty()) mark_ = {};
        return piece;
    }

    json::basic_parser<Events> parser;
    json::error_code error;

private:
    std::string_view mark_ = kByteOrderMark;  // what may still come of it
};

JsonStream::JsonStream(JsonVisitor& visitor) : impl_(std::make_unique<Impl>(visitor)) {}

JsonStream::~JsonStream() = default;

bool JsonStream::write(std::string_view piece) {
    if (impl_->error) return false;
    piece = impl_->without_mark(piece);
    const std::size_t taken = impl_->parser.write_some(true, piece.data(), piece.size(), impl_->error);
    // Something stands behind the one value: it is no JSON text.
    if (!impl_->error && taken < piece.size()) impl_->error = json::make_error_code(json::error::extra_data);
    return !impl_->error;
}

JsonStream::End JsonStream::finish() {
    if (!impl_->error) impl_->parser.write_some(false, "", 0, impl_->error);
    if (!impl_->error) return End::whole;
    if (impl_->parser.handler().is_stopped()) return End::stopped;
    return impl_->error == json::error::incomplete ? End::cut_off : End::malformed;
}

}  // namespace batchd::provider
