#include "config/reading/contradictions.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "config/effective.hpp"
#include "config/reading/nearest.hpp"
#include "config/values/base_url.hpp"
#include "config/values/listen_address.hpp"
#include "config/values/value.hpp"

namespace batchd::config {
namespace {

/// "provider.azure", or "provider" for "".
std::string section_of_provider(const std::string& name) {
    return name.empty() ? "provider" : "provider." + name;
}

class Finder {
public:
    Finder(const Loaded& loaded, const PlaceOf& place_of, const Checks& checks)
        : s_(loaded.settings), sources_(loaded.sources), place_of_(place_of), checks_(checks) {}

    std::vector<Problem> find() && {
        look_at_pauses();
        look_at_prices();
        look_at_folders();
        look_at_provider("provider", s_.provider);
        for (const auto& [name, provider] : s_.providers) look_at_provider("provider." + name, provider);
        look_at_batch();
        for (const auto& [name, queue] : s_.queues) look_at_queue(name, queue);
        for (const auto& [name, target] : s_.notify_targets) look_at_target("notify." + name, target);
        look_at_web();
        return std::move(problems_);
    }

private:
    void look_at_pauses() {
        if (s_.retry.min_backoff > s_.retry.max_backoff)
            complain("retry.min_backoff", "is " + format_duration(s_.retry.min_backoff) +
                                              ": must not be above retry.max_backoff, " +
                                              format_duration(s_.retry.max_backoff));
    }

    void look_at_prices() {
        // A check that nobody gave finds nothing, as in the header.
        if (!checks_.prices || s_.prices.models.empty()) return;
        if (const auto fault = checks_.prices(s_.prices.models)) complain("prices.models", *fault);
    }

    void look_at_folders() {
        const std::array<std::pair<const char*, const Path*>, 4> folders{
            {{"spool.inbox", &s_.spool.inbox},
             {"spool.outbox", &s_.spool.outbox},
             {"spool.rejected", &s_.spool.rejected},
             {"state.directory", &s_.state.directory}}};
        // In one folder for two purposes the daemon would take its own answers for requests.
        for (std::size_t i = 0; i < folders.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (*folders[i].second == *folders[j].second)
                    complain(folders[i].first, "is " + folders[i].second->string() + ", as " +
                                                   folders[j].first + ": must be a folder of its own");
    }

    void look_at_provider(const std::string& section, const Provider& provider) {
        const std::string url = section + ".base_url", expiry = section + ".file_expiry";
        if (provider.base_url.empty())
            complain(url, "is not set: must be the address of the server, for the kind \"" +
                              std::string(to_string(provider.kind)) + "\" has none of its own");
        else if (crosses_network_in_the_clear(provider.base_url) && !provider.allow_plain_http)
            complain(
                url,
                "is " + toml_string(provider.base_url) +
                    ": must be https:// but for localhost, 127.0.0.1 and [::1], for the API key and the "
                    "requests must not cross a network in the clear; allow_plain_http = true permits it");
        const auto kept = provider.dialect.file_expiry;
        if (provider.kind == Kind::azure && kept && *kept < kAzureExpiryMin)
            complain(expiry,
                     "is \"" + format_duration(*kept) +
                         "\": must be \"0s\" or from 14d to 30d, which is what the kind \"azure\" takes");
    }

    void look_at_batch() {
        look_at_limits("batch", "provider", s_.provider, s_.batch.max_requests, s_.batch.max_bytes);
        if (s_.batch.max_line && *s_.batch.max_line > s_.provider.max_bytes && is_set("batch.max_line"))
            complain("batch.max_line",
                     too_much(toml_string(format_size(*s_.batch.max_line)),
                              toml_string(format_size(s_.provider.max_bytes)), "provider.max_bytes"));
        look_at_terms("batch", "", filled(s_, Queue{}));
    }

    void look_at_queue(const std::string& name, const Queue& queue) {
        const std::string section = "queue." + name;
        look_at_checks(section, queue);
        look_at_chain(name, queue);
        const Provider* const provider = find_provider(s_, queue.provider);
        // Everything further would be about a provider that is not there.
        if (provider == nullptr) return complain(section + ".provider", unknown_provider(s_, queue.provider));
        const Queue all = filled(s_, queue);
        look_at_limits(section, section_of_provider(queue.provider), *provider, *all.max_requests,
                       *all.max_bytes);
        look_at_terms(section, queue.provider, all);
        look_at_fallback(section, queue);
    }

    void look_at_fallback(const std::string& section, const Queue& queue) {
        const std::string key = section + ".fallback";
        if (queue.fallback.empty()) {
            // Without anybody to go to, what is late would only be cancelled.
            if (queue.deadline)
                complain(section + ".deadline",
                         "is set: needs " + key + ", for whom what is late is to go to");
            return;
        }
        const Provider* const other = find_provider(s_, queue.fallback);
        // What one provider has refused it refuses again, and so is no fallback for itself.
        if (other == nullptr)
            complain(key, unknown_provider(s_, queue.fallback));
        else if (other == find_provider(s_, queue.provider))
            complain(key, "is " + toml_string(queue.fallback) + ": must be another provider than " + section +
                              ".provider");
    }

    /// Of a default, what the provider does not take is left out; what somebody wrote must fit.
    void look_at_limits(const std::string& section, const std::string& whose, const Provider& provider,
                        std::uint64_t max_requests, std::uint64_t max_bytes) {
        const std::string requests = section + ".max_requests", bytes = section + ".max_bytes";
        if (max_requests > provider.max_requests && is_set(requests))
            complain(requests, too_much(std::to_string(max_requests), std::to_string(provider.max_requests),
                                        whose + ".max_requests"));
        if (max_bytes > provider.max_bytes && is_set(bytes))
            complain(bytes, too_much(toml_string(format_size(max_bytes)),
                                     toml_string(format_size(provider.max_bytes)), whose + ".max_bytes"));
    }

    static std::string too_much(const std::string& value, const std::string& most, const std::string& whose) {
        return "is " + value + ": must be at most " + most + ", as " + whose + " has it";
    }

    /// What the provider can't do, wherever the queue has the value from.
    void look_at_terms(const std::string& section, const std::string& provider_name, const Queue& all) {
        const std::string whose = section_of_provider(provider_name);
        const Dialect& dialect = find_provider(s_, provider_name)->dialect;
        const std::string window = section + ".completion_window", metadata = section + ".metadata";
        const auto& windows = dialect.windows;
        if (dialect.send_window && !windows.empty() &&
            std::find(windows.begin(), windows.end(), *all.completion_window) == windows.end())
            complain(window, "is " + toml_string(*all.completion_window) + origin(window) +
                                 ": must be one of " + join(windows) + ", as " + whose + ".windows has them");
        if (!dialect.metadata && !all.metadata->empty())
            complain(metadata, "is set" + origin(metadata) + ": must be {}, for " + whose +
                                   ".metadata is false: its batches bear none");
    }

    /// Who reaches the page can spend; from another machine a token in the clear keeps nobody out.
    void look_at_web() {
        for (const std::string& text : s_.web.listen) {
            const auto address = parse_listen(text);
            // One that comes by the path is in front of no address.
            const bool has_proxy = s_.web.behind_proxy && !s_.web.behind_proxy->is_unix();
            if (has_proxy || !address || address->is_local()) continue;
            complain("web.listen",
                     "is " + toml_string(text) +
                         ": must be a path or an address of this machine only, such as \"127.0.0.1:8420\", "
                         "unless web.behind_proxy says from which address the proxy in front of it comes");
        }
    }

    void look_at_checks(const std::string& section, const Queue& queue) {
        const auto look = [&](const char* leaf, const auto& check, const std::string& value) {
            if (!check || value.empty()) return;
            if (const auto fault = check(value)) complain(section + leaf, *fault);
        };
        look(".schedule", checks_.schedule, queue.schedule);
        look(".timezone", checks_.timezone, queue.timezone);
        // Without one of its own the machine's counts, which may be none either.
        if (checks_.timezone && queue.timezone.empty() && !queue.schedule.empty())
            if (const auto fault = checks_.timezone("")) complain(section + ".timezone", *fault);
        look(".group", checks_.group, queue.group);
        look(".budget", checks_.budget, queue.budget);
        look(".then_template", checks_.then_template, queue.then_template);
    }

    /// A chain that comes back to its beginning would spend for ever.
    void look_at_chain(const std::string& name, const Queue& queue) {
        const std::string then = "queue." + name + ".then", its_template = then + "_template";
        if (queue.then.empty()) {
            if (!queue.then_template.empty())
                complain(its_template, "is set: must be left out, for " + then +
                                           " does not say which queue the answers go to");
            return;
        }
        if (!has_queue(s_, queue.then))
            return complain(then,
                            "is " + toml_string(queue.then) + ": there is no [queue." + queue.then + "]");
        if (queue.then_template.empty())
            complain(its_template,
                     "is not set: must be a JSON text for what an answer becomes in " + queue.then +
                         ", such as '{\"messages\": [{\"role\": \"user\", \"content\": \"{{answer}}\"}]}'");
        std::string way = name;
        std::set<std::string> seen{name};
        for (auto at = s_.queues.find(queue.then); at != s_.queues.end();
             at = s_.queues.find(at->second.then)) {
            way += " > " + at->first;
            if (at->first == name)
                return complain(then, "is " + toml_string(queue.then) +
                                          ": must be a queue whose answers do not come back to where they "
                                          "began, for that never ends (" +
                                          way + ")");
            if (!seen.insert(at->first).second) return;  // told of those that are in the circle
        }
    }

    void look_at_target(const std::string& section, const NotifyTarget& target) {
        static constexpr const char* kKinds =
            "\"slack\", \"discord\", \"webhook\", \"ntfy\", \"ping\" or \"command\"";
        if (!target.kind) return complain(section + ".kind", "is not set: must be " + std::string(kKinds));
        const bool is_command = *target.kind == NotifyKind::command;
        if (is_command && target.command.empty())
            complain(section + ".command",
                     "is not set: must be the program and its arguments, such as "
                     "[\"/usr/local/bin/load-answers\"]");
        if (!is_command && !target.command.empty())
            complain(section + ".command", "is set: is for the kind \"command\" only");
        if (is_command && target.url_file)
            complain(section + ".url_file", "is set: the kind \"command\" has no address");
        if (*target.kind != NotifyKind::webhook && target.secret_file)
            complain(section + ".secret_file", "is set: is for the kind \"webhook\" only");
        // A ping is no notice, and goes out whatever stands there.
        if (*target.kind != NotifyKind::ping && target.on.empty())
            complain(section + ".on",
                     "is []: nobody would be told of anything; must have what is told, such as "
                     "\"failed\", or [\"all\"]");
        for (const std::string& queue : target.queues)
            if (!has_queue(s_, queue))
                complain(section + ".queues",
                         "has " + toml_string(queue) + ": there is no [queue." + queue + "]");
    }

    bool is_set(const std::string& key) const { return sources_.count(key) != 0; }

    /// Where a queue has a value from that it does not have itself.
    std::string origin(const std::string& key) const {
        return is_set(key) || key.starts_with("batch.") ? "" : " (from [batch])";
    }

    static std::string join(const std::vector<std::string>& windows) {
        std::string out;
        for (const std::string& window : windows) out += (out.empty() ? "" : ", ") + toml_string(window);
        return out;
    }

    void complain(const std::string& key, std::string what) {
        problems_.push_back({place_of_(key), key, std::move(what)});
    }

    static constexpr Millis kAzureExpiryMin = std::chrono::hours(14 * 24);

    const Settings& s_;
    const std::map<std::string, std::string, std::less<>>& sources_;
    const PlaceOf& place_of_;
    const Checks& checks_;
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> contradictions(const Loaded& loaded, const PlaceOf& place_of, const Checks& checks) {
    return Finder(loaded, place_of, checks).find();
}

}  // namespace batchd::config
