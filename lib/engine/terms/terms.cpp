#include "engine/terms/terms.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "config/effective.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

template <class T>
json::object map_json(const std::map<std::string, T>& map) {
    json::object object;
    for (const auto& [name, value] : map) object[name] = value;
    return object;
}

std::string text(const json::value& value) {
    return std::string(value.as_string());
}

std::map<std::string, std::string> texts(const json::value& value) {
    std::map<std::string, std::string> map;
    for (const auto& [name, entry] : value.as_object()) map[std::string(name)] = text(entry);
    return map;
}

std::map<std::string, std::uint64_t> numbers(const json::value& value) {
    std::map<std::string, std::uint64_t> map;
    for (const auto& [name, entry] : value.as_object())
        map[std::string(name)] = entry.to_number<std::uint64_t>();
    return map;
}

json::value fallback_json(const std::optional<Fallback>& fallback) {
    if (!fallback) return nullptr;
    return json::object{
        {"provider", fallback->provider},
        {"deadline_ms", fallback->deadline ? json::value(fallback->deadline->count()) : json::value()},
        {"models", map_json(fallback->models)},
        {"line_urls", map_json(fallback->line_urls)}};
}

std::optional<Fallback> fallback_from(const json::object& terms) {
    const json::value* const value = terms.if_contains("fallback");
    if (value == nullptr || value->is_null()) return std::nullopt;
    const json::object& object = value->as_object();
    Fallback fallback;
    fallback.provider = text(object.at("provider"));
    if (const json::value& deadline = object.at("deadline_ms"); !deadline.is_null())
        fallback.deadline = Millis(deadline.to_number<Millis::rep>());
    fallback.models = texts(object.at("models"));
    fallback.line_urls = texts(object.at("line_urls"));
    return fallback;
}

std::optional<Fallback> fallback_of(const config::Settings& settings, const config::Queue& queue) {
    if (queue.fallback.empty()) return std::nullopt;
    Fallback fallback{queue.fallback, queue.deadline, {}, {}};
    if (const config::Provider* const provider = config::find_provider(settings, queue.fallback)) {
        fallback.models = provider->models;
        fallback.line_urls = provider->dialect.line_urls;
    }
    return fallback;
}

/// Throws where a member is missing or of another kind.
Terms terms_from(const json::object& object) {
    Terms terms;
    config::Batch& batch = terms.batch;
    terms.queue = text(object.at("queue"));
    terms.provider = text(object.at("provider"));
    batch.endpoint = text(object.at("endpoint"));
    batch.model = text(object.at("model"));
    batch.completion_window = text(object.at("completion_window"));
    batch.metadata = texts(object.at("metadata"));
    batch.max_requests = object.at("max_requests").to_number<std::uint64_t>();
    batch.max_bytes = object.at("max_bytes").to_number<std::uint64_t>();
    // Every member must be there, with its kind: a default in the place of one that is missing would be a
    // rule that nobody has given.
    if (const json::value& line = object.at("max_line"); !line.is_null())
        batch.max_line = line.to_number<std::uint64_t>();
    batch.enqueued_tokens = numbers(object.at("enqueued_tokens"));
    batch.defaults = text(object.at("defaults"));
    batch.share = object.at("share").as_bool();
    terms.on_invalid_line = text(object.at("on_invalid_line")) == "skip" ? config::OnInvalidLine::skip
                                                                         : config::OnInvalidLine::reject;
    terms.row_attempts = object.at("row_attempts").to_number<unsigned>();
    terms.models = texts(object.at("models"));
    terms.line_urls = texts(object.at("line_urls"));
    // Not there in what an earlier batchd wrote.
    if (const json::value* const longest = object.if_contains("max_custom_id"); longest != nullptr)
        terms.max_custom_id = longest->to_number<std::uint64_t>();
    terms.priority = object.at("priority").to_number<int>();
    terms.then = text(object.at("then"));
    terms.then_template = text(object.at("then_template"));
    terms.fallback = fallback_from(object);
    return terms;
}

}  // namespace

Terms terms_of(const config::Settings& settings, const std::string& queue) {
    const auto found = settings.queues.find(queue);
    // Two views of one queue: what it says itself, and that filled up with what holds in general.
    const config::Queue own = found == settings.queues.end() ? config::Queue{} : found->second;
    const config::Queue rules = config::filled(settings, own);
    Terms terms;
    terms.queue = queue;
    if (!own.provider.empty()) terms.provider = own.provider;
    config::Batch& batch = terms.batch;
    batch.endpoint = rules.endpoint.value_or(batch.endpoint);
    batch.model = config::model_of(settings, own);
    batch.completion_window = rules.completion_window.value_or(batch.completion_window);
    batch.metadata = rules.metadata.value_or(batch.metadata);
    batch.max_requests = rules.max_requests.value_or(batch.max_requests);
    batch.max_bytes = rules.max_bytes.value_or(batch.max_bytes);
    batch.max_line = settings.batch.max_line;
    batch.enqueued_tokens = rules.enqueued_tokens.value_or(batch.enqueued_tokens);
    batch.defaults = rules.defaults.value_or("");
    batch.share = rules.share.value_or(true);
    terms.on_invalid_line = rules.on_invalid_line.value_or(terms.on_invalid_line);
    terms.row_attempts = rules.row_attempts.value_or(terms.row_attempts);
    terms.priority = rules.priority;
    terms.then = rules.then;
    terms.then_template = rules.then_template;
    terms.fallback = fallback_of(settings, own);
    if (const config::Provider* const provider = config::find_provider(settings, own.provider)) {
        terms.models = provider->models;
        terms.line_urls = provider->dialect.line_urls;
        terms.max_custom_id = provider->dialect.max_custom_id;
        // Requests that are sent one by one gain nothing by it, and each file would wait for the others.
        if (provider->kind == config::Kind::direct) batch.share = false;
        // Nor can they travel under ids of ours where these are longer than the provider takes.
        if (terms.max_custom_id > 0 && terms.max_custom_id < jsonl::kWireIdMax) batch.share = false;
    }
    return terms;
}

std::string to_json(const Terms& terms) {
    const config::Batch& batch = terms.batch;
    const bool skips = terms.on_invalid_line == config::OnInvalidLine::skip;
    // All keys, always: what is read back takes nothing for granted that was not written.
    return json::serialize(
        json::object{{"queue", terms.queue},
                     {"provider", terms.provider},
                     {"endpoint", batch.endpoint},
                     {"model", batch.model},
                     {"completion_window", batch.completion_window},
                     {"metadata", map_json(batch.metadata)},
                     {"max_requests", batch.max_requests},
                     {"max_bytes", batch.max_bytes},
                     {"max_line", batch.max_line ? json::value(*batch.max_line) : json::value()},
                     {"enqueued_tokens", map_json(batch.enqueued_tokens)},
                     {"defaults", batch.defaults},
                     {"share", batch.share},
                     {"on_invalid_line", skips ? "skip" : "reject"},
                     {"row_attempts", terms.row_attempts},
                     {"models", map_json(terms.models)},
                     {"line_urls", map_json(terms.line_urls)},
                     {"max_custom_id", terms.max_custom_id},
                     {"priority", terms.priority},
                     {"then", terms.then},
                     {"then_template", terms.then_template},
                     {"fallback", fallback_json(terms.fallback)}});
}

Result<Terms> read_terms(const std::string& text) {
    try {
        return terms_from(json::parse(text).as_object());
    } catch (const std::exception& wrong) {
        return error(Errc::bad_input, std::string("the terms of a job can't be read: ") + wrong.what());
    }
}

Result<void> freeze_terms(store::Store& store, const config::Settings& settings) {
    // Jobs that an earlier version took. What holds at the first start is what held when they were taken,
    // as far as anybody can know.
    const auto jobs = store.jobs.without_terms();
    if (!jobs) return jobs.error();
    return store.database.transact([&]() -> Result<void> {
        for (const store::JobId id : *jobs) {
            const auto job = store.jobs.find(id);
            if (!job) return job.error();
            if (!*job) continue;
            if (auto done = store.jobs.record_terms(id, to_json(terms_of(settings, (*job)->queue))); !done)
                return done;
        }
        return {};
    });
}

Result<Terms> terms_of(const store::Job& job, const config::Settings& settings) {
    if (job.terms.empty()) return terms_of(settings, job.queue);
    auto terms = read_terms(job.terms);
    if (terms) return terms;
    return error(Errc::corrupt, "what job " + std::to_string(job.id.value) +
                                    " was taken under (jobs.terms in the database) can't be read, so nothing "
                                    "more of it is sent: put it back (work/" +
                                    job.key + "/plan.json has a copy), or `batchd cancel " +
                                    std::to_string(job.id.value) + "`; " + terms.error().context);
}

}  // namespace batchd::engine
