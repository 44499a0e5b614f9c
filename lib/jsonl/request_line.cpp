#include "jsonl/request_line.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <simdjson.h>
#include <boost/json/parse.hpp>

#include "base/units.hpp"
#include "jsonl/invalid_json.hpp"
#include "jsonl/json_fields.hpp"
#include "jsonl/quote.hpp"

namespace batchd::jsonl {
namespace {

namespace dom = simdjson::dom;

static_assert(simdjson::SIMDJSON_PADDING <= 64, "LineReader leaves 64 bytes behind a line");

constexpr std::string_view kPreparedStart = R"({"custom_id":)";

/// A key that the check looks at: its value, and how often it is there.
struct Key {
    std::string_view name;
    dom::element value{};
    unsigned count = 0;
    std::string_view raw{};  ///< the value as it stands in the line; only for keys at the top
};

struct Envelope {
    Key custom_id{"custom_id"}, method{"method"}, url{"url"}, body{"body"};

    Key* find(std::string_view name) {
        for (Key* key : {&custom_id, &method, &url, &body})
            if (key->name == name) return key;
        return nullptr;
    }
};

struct BodyKeys {
    Key model{"model"}, stream{"stream"}, input{"input"};
    bool empty = true;
};

/// `"key" is VALUE: ` with the value cut to a length that fits a message.
std::string is_but(const Key& key) {
    return json_string(key.name) + " is " + excerpt(simdjson::to_string(key.value)) + ": ";
}

std::string twice(const Key& key) {
    return json_string(key.name) + " is there " + std::to_string(key.count) + " times: once is right";
}

/// The value where it is a string that is not empty, else "".
std::string_view text_of(const Key& key) {
    std::string_view text;
    if (key.count != 1 || key.value.get(text) != simdjson::SUCCESS) return {};
    return text;
}

bool is_path(std::string_view url) {
    const auto printable_ascii = [](char c) { return c > 0x20 && c < 0x7F; };
    return url.starts_with('/') && !url.starts_with("//") &&
           std::all_of(url.begin(), url.end(), printable_ascii);
}

void note(Key& key, const dom::element& value) {
    key.value = value;
    ++key.count;
}

BodyKeys look_into(const dom::object& body) {
    BodyKeys keys;
    for (const auto field : body) {
        keys.empty = false;
        for (Key* key : {&keys.model, &keys.stream, &keys.input})
            if (field.key == key->name) note(*key, field.value);
    }
    return keys;
}

/// An `input` that is a list of texts or of token lists asks for one embedding each, any other for one.
std::uint64_t count_inputs(const Key& input) {
    dom::array list;
    if (input.count == 0 || input.value.get(list) != simdjson::SUCCESS || list.begin() == list.end())
        return 1;
    const dom::element first = *list.begin();
    if (!first.is_string() && !first.is_array()) return 1;
    // size() stops counting at 2^24 - 1, far above what a batch may hold.
    return list.size();
}

/// Empty where a request with these keys may be sent.
std::string complaint_about_body(const BodyKeys& keys, const RequestDefaults& defaults) {
    if (keys.model.count > 1) return twice(keys.model);
    if (keys.stream.count > 1) return twice(keys.stream);
    if (keys.model.count == 0 && defaults.model.empty())
        return R"(no "model" in the body, and no batch.model is configured)";
    if (keys.model.count == 1 && text_of(keys.model).empty())
        return is_but(keys.model) + "it must be a string that is not empty";
    if (keys.stream.count == 0 || keys.stream.value.is_null()) return {};
    bool stream = false;
    if (keys.stream.value.get(stream) != simdjson::SUCCESS)
        return is_but(keys.stream) + "it must be false or left out";
    return stream ? R"("stream" is true: a batch can't stream; remove it or set it to false)" : std::string();
}

std::string complaint_about_envelope(const Envelope& envelope) {
    for (const Key* key : {&envelope.custom_id, &envelope.method, &envelope.url, &envelope.body})
        if (key->count > 1) return twice(*key);
    if (envelope.custom_id.count == 1 && text_of(envelope.custom_id).empty())
        return is_but(envelope.custom_id) + "it must be a string that is not empty";
    if (envelope.method.count == 1 && text_of(envelope.method) != "POST")
        return is_but(envelope.method) + R"(only "POST" can be sent in a batch)";
    if (envelope.url.count == 1 && !is_path(text_of(envelope.url)))
        return is_but(envelope.url) + "it must be a path such as /v1/chat/completions";
    if (envelope.body.count == 1 && !envelope.body.value.is_object())
        return is_but(envelope.body) + "it must be an object";
    return {};
}

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
    simdjson::error_code parse_json(std::string_view text, dom::element& root);
    Envelope look_at_top(const dom::object& top, std::string_view text);
    std::string read_body(const dom::object& body, Request& request);
    void wrapped_body(std::string_view raw, const BodyKeys& keys);
    void bare_body(const dom::object& top, std::string_view text, const BodyKeys& keys);
    void name_line(std::uint64_t number, Request& request);

    RequestDefaults defaults;
    std::string endpoint_json;
    std::string model_field;
    dom::parser parser;
    std::vector<std::string_view> pieces;
    std::string made_id;  // the JSON string for a line without custom_id
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
    if (request.custom_id.empty()) name_line(line.number, request);
    return request;
}

/// Fills in `request`; what is wrong with the line, or "".
std::string RequestParser::Impl::read(const Line& line, Request& request) {
    if (line.too_long)
        return "the line has " + with_commas(line.size) + " bytes: more than fits into a batch";
    dom::element root;
    if (const auto ec = parse_json(line.text, root))
        return why_invalid(line.text, simdjson::error_message(ec));
    dom::object top;
    if (root.get(top) != simdjson::SUCCESS)
        return excerpt(line.text) +
               " is not a JSON object: a line must be one, {\"custom_id\": …, \"body\": {…}}";

    const std::string_view text = line.text.substr(line.text.find('{'));
    const Envelope envelope = look_at_top(top, text);
    request.custom_id = text_of(envelope.custom_id);
    request.custom_id_json = envelope.custom_id.raw;
    if (std::string complaint = complaint_about_envelope(envelope); !complaint.empty()) return complaint;
    request.url = envelope.url.count == 1 ? text_of(envelope.url) : std::string_view(defaults.endpoint);
    request.url_json = envelope.url.count == 1 ? envelope.url.raw : std::string_view(endpoint_json);

    dom::object body = top;
    if (envelope.body.count == 1) {
        body = envelope.body.value.get_object().value_unsafe();  // checked above
    } else if (top["messages"].error() && top["input"].error() && top["prompt"].error()) {
        return R"(no "body": a line must be {"custom_id": …, "body": {…}}, or a body with "messages", "input" or "prompt")";
    }
    const BodyKeys keys = look_into(body);
    if (std::string complaint = complaint_about_body(keys, defaults); !complaint.empty()) return complaint;
    request.model = keys.model.count == 1 ? text_of(keys.model) : std::string_view(defaults.model);
    request.inputs = count_inputs(keys.input);

    pieces.clear();
    if (envelope.body.count == 1) {
        wrapped_body(envelope.body.raw, keys);
    } else {
        bare_body(top, text, keys);
    }
    std::uint64_t body_bytes = 0;
    for (const std::string_view piece : pieces) body_bytes += piece.size();
    request.estimated_tokens = (body_bytes + 3) / 4;
    request.body = pieces;
    return {};
}

simdjson::error_code RequestParser::Impl::parse_json(std::string_view text, dom::element& root) {
    // Left to itself, simdjson allocates anew for each line that is longer than all before.
    if (text.size() > parser.capacity()) {
        if (const auto ec = parser.allocate(std::max<std::size_t>(text.size() + text.size() / 2, 64 * 1024)))
            return ec;
    }
    return parser.parse(text.data(), text.size(), false).get(root);
}

Envelope RequestParser::Impl::look_at_top(const dom::object& top, std::string_view text) {
    Envelope envelope;
    JsonFields raw(text);
    for (auto field = top.begin(), end = top.end(); field != end;) {
        raw.next();
        Key* const key = envelope.find(field.key());
        if (key != nullptr) note(*key, field.value());
        const bool last = !(++field != end);
        // The body is the last key nearly always, and scanning for its end would take as long as parsing it.
        if (key != nullptr) key->raw = last ? raw.last_value() : raw.value();
    }
    return envelope;
}

void RequestParser::Impl::wrapped_body(std::string_view raw, const BodyKeys& keys) {
    if (keys.model.count == 1) {
        pieces = {raw};
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
        if (envelope.find(field.key) != nullptr) continue;
        if (pieces.size() > 1) pieces.push_back(",");
        pieces.push_back(raw.field());
    }
    pieces.push_back("}");
}

void RequestParser::Impl::name_line(std::uint64_t number, Request& request) {
    made_id = "\"line-" + std::to_string(number) + '"';
    request.custom_id_json = made_id;
    request.custom_id = request.custom_id_json.substr(1, made_id.size() - 2);
}

void append_prepared(const Request& request, std::string& out) {
    out += kPreparedStart;
    out += request.custom_id_json;
    out += R"(,"method":"POST","url":)";
    out += request.url_json;
    out += R"(,"body":)";
    const std::size_t body_at = out.size();
    for (const std::string_view piece : request.body) out += piece;
    // In valid JSON a CR can only be white space; some readers take it for the end of a line.
    for (std::size_t cr = out.find('\r', body_at); cr != std::string::npos; cr = out.find('\r', cr))
        out[cr] = ' ';
    out += "}\n";
}

std::optional<std::string> prepared_custom_id(std::string_view prepared) {
    if (!prepared.starts_with(kPreparedStart)) return std::nullopt;
    JsonFields fields(prepared);
    if (!fields.next()) return std::nullopt;
    boost::json::error_code ec;
    const boost::json::value id = boost::json::parse(boost::json::string_view(fields.value()), ec);
    if (ec || !id.is_string()) return std::nullopt;
    return std::string(id.get_string());
}

}  // namespace batchd::jsonl
