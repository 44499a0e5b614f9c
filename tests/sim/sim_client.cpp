#include "sim/sim_client.hpp"

#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>

#include "sim/header_params.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;

json::value Answer::json() const {
    boost::system::error_code ec;
    json::value value = json::parse(body, ec);
    if (ec) throw std::runtime_error("no JSON: " + std::to_string(status) + " " + body);
    return value;
}

Answer send(std::uint16_t port, const Call& call) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), port});
    http::request<http::string_body> request(http::string_to_verb(call.method), call.path, 11, call.body);
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, call.content_type);
    for (const auto& [name, value] : call.fields) request.set(name, value);
    request.prepare_payload();
    boost::system::error_code ec;
    http::write(socket, request, ec);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    http::read(socket, buffer, parser, ec);
    Answer answer;
    if (!parser.is_header_done()) return answer;
    answer.status = parser.get().result_int();
    answer.body = parser.get().body();
    answer.complete = !ec;
    for (const auto& field : parser.get())
        answer.fields[to_lower(field.name_string())] = std::string(field.value());
    return answer;
}

SimFixture::SimFixture(Settings settings)
    : server_(
          {.data = directory_.path(), .time = ServerOptions::Time::manual, .settings = std::move(settings)}) {
}

Answer SimFixture::call(std::string method, std::string path, std::string body) {
    return send(server_.port(),
                {.method = std::move(method), .path = std::move(path), .body = std::move(body)});
}

std::string SimFixture::upload(std::string_view content) {
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n" +
        std::string(content) + "\r\n--b--\r\n";
    const Answer answer = send(server_.port(), {.method = "POST",
                                                .path = "/v1/files",
                                                .body = body,
                                                .content_type = "multipart/form-data; boundary=b"});
    return std::string(answer.json().at("id").as_string());
}

Answer SimFixture::create_answer(std::string_view file_id, std::string_view more_fields) {
    return post("/v1/batches", R"({"input_file_id":")" + std::string(file_id) +
                                   R"(","endpoint":"/v1/chat/completions","completion_window":"24h")" +
                                   std::string(more_fields) + "}");
}

std::string SimFixture::create(std::string_view content, std::string_view more_fields) {
    return std::string(create_answer(upload(content), more_fields).json().at("id").as_string());
}

json::value SimFixture::batch(std::string_view id) {
    return get("/v1/batches/" + std::string(id)).json();
}

std::string SimFixture::status(std::string_view id) {
    return std::string(batch(id).at("status").as_string());
}

std::string SimFixture::content(const json::value& file_id) {
    return get("/v1/files/" + std::string(file_id.as_string()) + "/content").body;
}

void SimFixture::advance(double seconds) {
    server_.advance_clock(seconds_to_millis(seconds));
}

std::string chat_row(std::string_view custom_id) {
    return R"({"custom_id":")" + std::string(custom_id) +
           R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user",)"
           R"("content":"Sum up )" +
           std::string(custom_id) + "\"}]}}\n";
}

std::string chat_rows(std::size_t count) {
    std::string rows;
    for (std::size_t i = 1; i <= count; ++i) rows += chat_row("row-" + std::to_string(i));
    return rows;
}

}  // namespace batchd::sim
