#include "web/assets.hpp"

#include <array>

#include "server/error_answer.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

extern const EmbeddedFile htmx_min_js, hx_sse_min_js, pico_classless_min_css, page_css, page_js, LICENSES_txt;

namespace {

constexpr std::string_view kPrefix = "/assets/";

struct Asset {
    std::string_view name;
    const EmbeddedFile* file;
    const char* type;
};

constexpr std::array kAssets{
    Asset{"htmx.min.js", &htmx_min_js, "text/javascript; charset=utf-8"},
    Asset{"hx-sse.min.js", &hx_sse_min_js, "text/javascript; charset=utf-8"},
    Asset{"pico.classless.min.css", &pico_classless_min_css, "text/css; charset=utf-8"},
    Asset{"page.css", &page_css, "text/css; charset=utf-8"},
    Asset{"page.js", &page_js, "text/javascript; charset=utf-8"},
    Asset{"LICENSES.txt", &LICENSES_txt, "text/plain; charset=utf-8"}};

server::Answer answer_with(const Asset& asset, const server::RequestHead& head) {
    const bool packed = head.header("accept-encoding").find("gzip") != std::string_view::npos;
    // The packed form is another content to a cache, so it has another tag.
    const std::string tag = "\"" + std::string(asset.file->digest.substr(0, 32)) + (packed ? "-gz\"" : "\"");
    server::Answer answer{.head = {.status = 200,
                                   .headers = {{"Content-Type", asset.type},
                                               {"ETag", tag},
                                               {"Vary", "Accept-Encoding"},
                                               // A day, and then a question that costs a line: the names stay
                                               // the same when batchd is upgraded.
                                               {"Cache-Control", "public, max-age=86400"}}},
                          .body = {}};
    add_safe_headers(answer.head);
    // Our tags are given out one at a time, so that a browser sends back exactly one.
    if (head.header("if-none-match") == tag) {
        answer.head.status = 304;
        return answer;
    }
    if (packed) answer.head.headers.push_back({"Content-Encoding", "gzip"});
    const auto bytes = packed ? asset.file->gzip : asset.file->plain;
    answer.body.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return answer;
}

}  // namespace

server::Answer asset_answer(const server::RequestHead& head) {
    const std::string_view name = std::string_view(head.path).substr(kPrefix.size());
    for (const Asset& asset : kAssets)
        if (asset.name == name) return answer_with(asset, head);
    // Only what is compiled in can be had below this address: no file of the disk is looked for.
    return server::error_answer(404, "not_found", "there is no such file");
}

}  // namespace batchd::web
