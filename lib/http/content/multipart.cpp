#include "http/content/multipart.hpp"

namespace batchd::http {
namespace {

/// As browsers do it. Source: https://html.spec.whatwg.org/#multipart-form-data
std::string quoted_value(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"') {
            result += "%22";
        } else if (c == '\r') {
            result += "%0D";
        } else if (c == '\n') {
            result += "%0A";
        } else {
            result += c;
        }
    }
    return result + '"';
}

}  // namespace

Multipart frame(const Form& form, std::string_view boundary) {
    const std::string mark(boundary);
    Multipart parts;
    parts.content_type = "multipart/form-data; boundary=" + mark;
    for (const FormField& field : form.fields) {
        parts.prologue += "--" + mark +
                          "\r\nContent-Disposition: form-data; name=" + quoted_value(field.name) +
                          "\r\n\r\n" + field.value + "\r\n";
    }
    // The file comes last, so that a server that reads as it comes knows the fields by then.
    parts.prologue +=
        "--" + mark + "\r\nContent-Disposition: form-data; name=" + quoted_value(form.file_field) +
        "; filename=" + quoted_value(form.filename) + "\r\nContent-Type: application/octet-stream\r\n\r\n";
    parts.epilogue = "\r\n--" + mark + "--\r\n";
    return parts;
}

}  // namespace batchd::http
