#include "jsonl/request/request_line.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <simdjson.h>
#include <boost/json/parse.hpp>

#include "base/text/byte_order_mark.hpp"
#include "base/units.hpp"
#include "jsonl/invalid_json.hpp"
#include "jsonl/json_fields.hpp"
#include "jsonl/json_stand_in.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/request_keys.hpp"
#include "jsonl/rows/format/row_form.hpp"

namespace batchd::jsonl {

namespace dom = simdjson::dom;

namespace {

static_assert(simdjson::SIMDJSON_PADDING <= kLinePadding, "simdjson may read that far behind a line");

}  // namespace

void throw_exception_from_error(const BadLine& bad, const boost::source_location&) {
    throw std::runtime_error(bad.what);
}

struct RequestParser::Impl {
    explicit Impl(RequestDefaults given)
        : defaults(std::move(given)),
          endpoint_json(json_string(defaults.endpoint)),
          model_field(R"("model":)" + json_string(defaults.model)) {}

    boost::system::result<Request, BadLine> parse(const Line& line);
    std::string read(const Line& line, Request& request);
    std::string read_wrapped(const Envelope& envelope, Request& request);
    std::string read_bare(const dom::object& top, const Envelope& envelope, std::string_view text,
                          Request& request);
    std::string describe(const BodyKeys& keys, const Key& model, Request& request);
    simdjson::error_code parse_json(std::string_view text, dom::element& root);
    simdjson::error_code parse_stand_in(std::string_view text, simdjson::error_code refused,
                                        dom::element& root);
    Envelope look_at_top(const dom::object& top, std::string_view text);
    void wrapped_body(const Envelope& envelope, const BodyKeys& keys);
    void bare_body(const dom::object& top, std::string_view text, const BodyKeys& keys);
    void apply_rules(Request& request);
    void name_line(std::uint64_t number, Request& request);

    RequestDefaults defaults;
    std::string endpoint_json;
    std::string model_field;
    dom::parser parser;
    std::vector<std::string_view> pieces;
    std::string made_url, made_url_json, made_body;  // what is sent for what the line says
    std::string id_made;                             // the JSON string for a line without custom_id
    std::string stand_in;                            // of a line that simdjson can't read as it is
};

RequestParser::RequestParser(RequestDefaults defaults) : impl_(std::make_unique<Impl>(std::move(defaults))) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

boost::system::result<Request, BadLine> RequestParser::parse(const Line& line) {
    return impl_->parse(line);
}

boost::system::result<Request, BadLine> RequestParser::Impl::parse(const Line& line) {
    Request request;
    std::string what = read(line, request);
    if (!what.empty()) return BadLine{std::string(request.custom_id), std::move(what)};
    apply_rules(request);
    if (request.custom_id.empty()) name_line(line.number, request);
    return request;
}

/// Fills in `request`; what is wrong with the line, or "".
std::string RequestParser::Impl::read(const Line& line, Request& request) {
    // Before anything is parsed, for there is no text of it.
    if (line.too_long)
        return "the line has " + with_commas(line.size) + " bytes: more than fits into a batch";
    // That of the line before, to which nothing refers any more.
    stand_in.clear();
    dom::element root;
    auto refused = parse_json(line.text, root);
    // simdjson refuses numbers that fit no double and halves of characters, both of which JSON allows.
    if (refused) refused = parse_stand_in(line.text, refused, root);
    if (refused) return why_invalid(line.text, stand_in, simdjson::error_message(refused));
    dom::object top;
    if (root.get(top) != simdjson::SUCCESS)
        return excerpt(line.text) +
               " is not a JSON object: a line must be one, {\"custom_id\": …, \"body\": {…}}";

    // Of the line and not of its stand-in: what is sent is what the user wrote, byte for byte.
    const std::string_view text = line.text.substr(line.text.find('{'));
    const Envelope envelope = look_at_top(top, text);
    request.custom_id = text_of(envelope.custom_id);
    request.custom_id_json = envelope.custom_id.raw;
    if (!stand_in.empty()) request.remarks.lone_surrogate = lone_surrogate(line.text);
    if (envelope.custom_id.count == 0) request.remarks.like_an_id = envelope.like_an_id;
    // The first fault of a line is told, and no second one that only follows from it.
    if (std::string complaint = complaint_about_envelope(envelope); !complaint.empty()) return complaint;
    request.url = envelope.url.count == 1 ? text_of(envelope.url) : std::string_view(defaults.endpoint);
    request.url_json = envelope.url.count == 1 ? envelope.url.raw : std::string_view(endpoint_json);
    return envelope.body.count == 1 ? read_wrapped(envelope, request)
                                    : read_bare(top, envelope, text, request);
}

/// A line with "body".
std::string RequestParser::Impl::read_wrapped(const Envelope& envelope, Request& request) {
    const BodyKeys keys = look_into(envelope.body.value.get_object().value_unsafe());  // checked before
    // That of the body goes first, for it is the one that the provider reads.
    const Key& model = keys.model.count > 0 ? keys.model : envelope.model;
    if (std::string complaint = complaint_about_body(keys, model, defaults); !complaint.empty())
        return complaint;
    request.remarks.not_sent = envelope.not_sent;
    // Two that differ are a mistake of somebody's, of which they should hear before it is paid for.
    request.remarks.other_model =
        keys.model.count > 0 && envelope.model.count > 0 && text_of(envelope.model) != text_of(keys.model);
    pieces.clear();
    wrapped_body(envelope, keys);
    return describe(keys, model, request);
}

/// A line that is the body itself.
std::string RequestParser::Impl::read_bare(const dom::object& top, const Envelope& envelope,
                                           std::string_view text, Request& request) {
    const BodyKeys keys = look_into(top);
    if (keys.messages.count + keys.input.count + keys.prompt.count == 0) return no_body(envelope);
    if (std::string complaint = complaint_about_body(keys, keys.model, defaults); !complaint.empty())
        return complaint;
    pieces.clear();
    bare_body(top, text, keys);
    return describe(keys, keys.model, request);
}

std::string RequestParser::Impl::describe(const BodyKeys& keys, const Key& model, Request& request) {
    request.model = model.count == 1 ? text_of(model) : std::string_view(defaults.model);
    request.inputs = count_inputs(keys.input);
    request.remarks.messages = keys.messages.count > 0;
    request.remarks.input = keys.input.count > 0;
    request.remarks.prompt = keys.prompt.count > 0;
    std::uint64_t body_bytes = 0;
    for (const std::string_view piece : pieces) body_bytes += piece.size();
    // About four bytes a token in English. It is an estimate for limits, and no price hangs on it.
    request.estimated_tokens = (body_bytes + 3) / 4;
    request.body = pieces;
    return {};
}

simdjson::error_code RequestParser::Impl::parse_json(std::string_view text, dom::element& root) {
    // Newer versions of simdjson pass over it, older ones don't, and JSON has none.
    if (has_byte_order_mark(text)) return simdjson::TAPE_ERROR;
    // Left to itself, simdjson allocates anew for each line that is longer than all before.
    if (text.size() > parser.capacity()) {
        if (const auto ec = parser.allocate(std::max<std::size_t>(text.size() + text.size() / 2, 64 * 1024)))
            return ec;
    }
    return parser.parse(text.data(), text.size(), false).get(root);
}

/// What simdjson refuses may be valid all the same; the values are then taken from the line itself.
simdjson::error_code RequestParser::Impl::parse_stand_in(std::string_view text, simdjson::error_code refused,
                                                         dom::element& root) {
    switch (refused) {
        // These are errors wherever they stand, and no stand-in would mend them.
        case simdjson::UTF8_ERROR:
        case simdjson::UNCLOSED_STRING:
        case simdjson::UNESCAPED_CHARS:
        case simdjson::DEPTH_ERROR:
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC:
        case simdjson::TAPE_ERROR:
            return refused;
        default:
            break;
    }
    stand_in = json_stand_in(text);
    return parse_json(stand_in, root);
}

Envelope RequestParser::Impl::look_at_top(const dom::object& top, std::string_view text) {
    Envelope envelope;
    JsonFields raw(text);
    for (auto field = top.begin(), end = top.end(); field != end;) {
        raw.next();
        Key* const key = envelope.find(field.key());
        if (key != nullptr)
            note(*key, field.value());
        else
            envelope.note_other(field.key(), field.value());
        const bool last = !(++field != end);
        // The body is the last key nearly always, and scanning for its end would take as long as parsing it.
        if (key != nullptr) key->raw = last ? raw.last_value() : raw.value();
    }
    return envelope;
}

void RequestParser::Impl::wrapped_body(const Envelope& envelope, const BodyKeys& keys) {
    const std::string_view raw = envelope.body.raw;
    if (keys.model.count == 1) {
        pieces = {raw};
    } else if (envelope.model.count == 1) {
        // The provider looks for the model in the body, so one that stands beside it is moved in.
        pieces = {"{", R"("model":)", envelope.model.raw, keys.empty ? "" : ",", raw.substr(1)};
    } else {
        pieces = {"{", model_field, keys.empty ? "" : ",", raw.substr(1)};
    }
}

/// The whole object but for what belongs around a body.
void RequestParser::Impl::bare_body(const dom::object& top, std::string_view text, const BodyKeys& keys) {
    Envelope envelope;
    JsonFields raw(text);
    pieces.push_back("{");
    if (keys.model.count == 0) pieces.push_back(model_field);
    for (const auto field : top) {
        raw.next();
        const Key* const around = envelope.find(field.key);
        if (around != nullptr && around != &envelope.model) continue;
        if (pieces.size() > 1) pieces.push_back(",");
        pieces.push_back(raw.field());
    }
    pieces.push_back("}");
}

/// Most configurations have no such rules, and then nothing is copied.
void RequestParser::Impl::apply_rules(Request& request) {
    if (!defaults.line_urls.empty()) {
        made_url = sent_url(defaults, request.url);
        made_url_json = json_string(made_url);
        request.url = made_url;
        request.url_json = made_url_json;
    }
    if (!defaults.changes_bodies()) return;
    std::string body;
    for (const std::string_view piece : pieces) body += piece;
    made_body = sent_body(defaults, body);
    pieces = {made_body};
    request.body = pieces;
    // Limits and prices go by what is sent, and not by what somebody calls it.
    request.model = sent_model(defaults, request.model);
    request.estimated_tokens = (made_body.size() + 3) / 4;
}

void RequestParser::Impl::name_line(std::uint64_t number, Request& request) {
    id_made = made_id(number);
    request.custom_id_json = id_made;
    request.custom_id = request.custom_id_json.substr(1, id_made.size() - 2);
}

void append_prepared(const Request& request, std::string& out) {
    out += kPreparedStart;
    out += request.custom_id_json;
    out += kPreparedUrl;
    out += request.url_json;
    out += kPreparedBody;
    const std::size_t body_at = out.size();
    for (const std::string_view piece : request.body) out += piece;
    // In valid JSON a CR can only be white space; some readers take it for the end of a line.
    for (std::size_t cr = out.find('\r', body_at); cr != std::string::npos; cr = out.find('\r', cr))
        out[cr] = ' ';
    out += kPreparedEnd;
    out += '\n';
}

std::uint64_t prepared_bytes(const Request& request) {
    std::uint64_t bytes = kPreparedStart.size() + request.custom_id_json.size() + kPreparedUrl.size() +
                          request.url_json.size() + kPreparedBody.size() + kPreparedEnd.size() + 1;
    for (const std::string_view piece : request.body) bytes += piece.size();
    return bytes;
}

std::optional<std::string_view> id_of_prepared(std::string_view prepared) {
    // We wrote it, with the id first. A provider that gives it back may have spaced it otherwise.
    return first_value(prepared, "custom_id");
}

static std::optional<std::string> text_of_json(std::string_view quoted) {
    boost::json::error_code ec;
    const boost::json::value text = boost::json::parse(boost::json::string_view(quoted), ec);
    if (ec || !text.is_string()) return std::nullopt;
    return std::string(text.get_string());
}

std::optional<std::string> prepared_custom_id(std::string_view prepared) {
    const auto quoted = id_of_prepared(prepared);
    return quoted ? text_of_json(*quoted) : std::nullopt;
}

std::optional<std::string> custom_id_with(const Digest128& digest, std::string_view id_json) {
    auto id = text_of_json(id_json);
    // The bytes at that place may be another file's by now; only an id with this digest is the right one.
    return id && digest128(*id) == digest ? id : std::nullopt;
}

}  // namespace batchd::jsonl
