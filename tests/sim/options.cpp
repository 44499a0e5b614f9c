#include "sim/options.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

/// A setting's value as it stands on the command line: JSON where it is JSON, else a string.
json::value value_of(std::string_view text) {
    boost::system::error_code ec;
    json::value value = json::parse({text.data(), text.size()}, ec);
    return ec ? json::value(json::string_view(text.data(), text.size())) : value;
}

Result<void> read_token_limit(Settings& settings, std::string_view text) {
    const auto equals = text.rfind('=');
    std::uint64_t limit = 0;
    const std::string_view number = equals == std::string_view::npos ? "" : text.substr(equals + 1);
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), limit);
    if (number.empty() || parsed.ec != std::errc() || parsed.ptr != number.data() + number.size())
        return error(Errc::bad_input, "--token-limit must be MODEL=TOKENS, not " + std::string(text));
    settings.token_limits[std::string(text.substr(0, equals))] = limit;
    return {};
}

Result<void> read_port(ServerOptions& server, std::string_view text) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), server.port);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        return error(Errc::bad_input, "--port must be from 0 to 65535, not " + std::string(text));
    return {};
}

Result<void> read_setting(Settings& settings, std::string_view option, std::string_view text) {
    std::string name(option.substr(2));
    std::replace(name.begin(), name.end(), '-', '_');
    if (!is_setting(name))
        return error(Errc::bad_input, "unknown option " + std::string(option) + "; see --help");
    const json::object as_json{{name, value_of(text)}};
    if (apply(settings, as_json)) return {};
    const json::object as_text{
        {name, json::string_view(text.data(), text.size())}};  // "400" is a word to some
    return apply(settings, as_text);
}

Result<void> read_option(CommandLine& line, std::string_view option, std::string_view text) {
    ServerOptions& server = line.server;
    if (option == "--port") return read_port(server, text);
    if (option == "--token-limit") return read_token_limit(server.settings, text);
    if (option == "--data")
        server.data = std::filesystem::absolute(text);
    else if (option == "--key")
        server.key = text;
    else if (option == "--tls-cert")
        server.tls_cert = std::filesystem::absolute(text);
    else if (option == "--tls-key")
        server.tls_key = std::filesystem::absolute(text);
    else if (option == "--self-signed")
        line.self_signed = std::filesystem::absolute(text);
    else if (option == "--port-file")
        line.port_file = std::filesystem::absolute(text);
    else
        return read_setting(server.settings, option, text);
    return {};
}

Result<void> check(const CommandLine& line) {
    const ServerOptions& server = line.server;
    if (server.data.empty()) return error(Errc::bad_input, "--data DIR is missing");
    if (server.tls_cert.empty() != server.tls_key.empty())
        return error(Errc::bad_input, "--tls-cert and --tls-key go together");
    if (line.self_signed && !server.tls_cert.empty())
        return error(Errc::bad_input, "--self-signed and --tls-cert exclude each other");
    return {};
}

}  // namespace

Result<CommandLine> read_command_line(std::span<const char* const> arguments) {
    CommandLine line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view option = arguments[i];
        if (option == "--help") {
            line.what = CommandLine::Do::show_help;
            return line;
        }
        if (option == "--virtual-clock") {
            line.server.time = ServerOptions::Time::manual;
            continue;
        }
        if (!option.starts_with("--"))
            return error(Errc::bad_input, "unexpected argument " + std::string(option));
        if (i + 1 == arguments.size()) return error(Errc::bad_input, std::string(option) + " needs a value");
        if (auto read = read_option(line, option, arguments[++i]); !read) return read.error();
    }
    if (auto ok = check(line); !ok) return ok.error();
    return line;
}

std::string usage() {
    std::string text =
        "batchd-sim: a practice provider with the OpenAI Files and Batches APIs, on 127.0.0.1\n\n"
        "  --data DIR              where files are kept (required)\n"
        "  --port P                0, the standard, takes any free one\n"
        "  --key KEY               the API key it asks for (sk-sim)\n"
        "  --tls-cert F --tls-key F   serve HTTPS with these\n"
        "  --self-signed DIR       make ca.pem, cert.pem and key.pem in DIR, and serve HTTPS with them\n"
        "  --port-file F           write the port there once it listens\n"
        "  --virtual-clock         time stands still until POST /admin/clock {\"advance_seconds\": N}\n"
        "  --token-limit MODEL=N   enqueued tokens allowed for a model; may be given several times\n"
        "  --like SERVICE          behave like azure, groq, …: see the README; settings go behind it\n\n"
        "Settings, each also a key of POST /admin/settings; times are seconds, rates shares of 1:\n\n";
    for (const auto& [name, value] : to_json(Settings{})) {
        std::string option(name);
        std::replace(option.begin(), option.end(), '_', '-');
        text += "  --" + option + " " + json::serialize(value) + "\n";
    }
    return text;
}

}  // namespace batchd::sim
