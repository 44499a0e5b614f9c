#include "web/safety/page_headers.hpp"

namespace batchd::web {

void add_safe_headers(server::AnswerHead& head) {
    head.headers.push_back(
        // Nothing inline and nothing from elsewhere: should a name ever get past the escaping, it is still
        // no script.
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"});
    head.headers.push_back({"X-Content-Type-Options", "nosniff"});
    head.headers.push_back({"X-Frame-Options", "DENY"});
    // Not "no-referrer": then a form of ours comes with the Origin "null", as one from anywhere does.
    head.headers.push_back({"Referrer-Policy", "same-origin"});
    head.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
    head.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
}

server::Answer html_answer(unsigned status, const Html& page) {
    server::Answer answer{
        .head = {.status = status,
                 .headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}}},
        .body = page.str()};
    add_safe_headers(answer.head);
    return answer;
}

server::Answer json_answer(unsigned status, std::string body) {
    server::Answer answer{
        .head = {.status = status,
                 .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}},
        .body = std::move(body)};
    answer.body += '\n';
    add_safe_headers(answer.head);
    return answer;
}

server::Answer redirect(std::string location) {
    server::Answer answer{
        .head = {.status = 303,
                 .headers = {{"Location", std::move(location)}, {"Cache-Control", "no-store"}}},
        .body = ""};
    add_safe_headers(answer.head);
    return answer;
}

}  // namespace batchd::web
