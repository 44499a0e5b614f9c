#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Whom what a provider can't take goes to, and what is not answered in time.
struct Fallback {
    std::string provider;                       ///< by its name in the configuration
    std::optional<Millis> deadline;             ///< after the submission; nothing: it waits for its provider
    std::map<std::string, std::string> models;  ///< as in Terms, of this provider
    std::map<std::string, std::string> line_urls;  ///< likewise

    friend bool operator==(const Fallback&, const Fallback&) = default;
};

/// What a job was taken under: the rules of its queue at that moment, with what the general settings and its
/// provider add to them. They stay with the job (jobs.terms, plan.json), so that a changed configuration
/// touches jobs that come later and never one that is on its way. A retry inherits them.
struct Terms {
    std::string queue{config::kDefaultQueue};
    std::string provider{config::kDefaultProvider};  ///< by its name in the configuration
    /// Endpoint, model, window, metadata, defaults and limits; these not above what the provider takes.
    config::Batch batch;
    config::OnInvalidLine on_invalid_line = config::OnInvalidLine::reject;
    unsigned row_attempts = 3;
    std::map<std::string, std::string> models;     ///< what users write, and what is sent
    std::map<std::string, std::string> line_urls;  ///< beginnings of urls, and what is sent for them
    std::uint64_t max_custom_id = 0;  ///< characters of an id that the provider takes; 0: it does not say
    int priority = 0;
    std::string then;           ///< the queue to which its answers go on as requests; "": none
    std::string then_template;  ///< what they become there
    std::optional<Fallback> fallback{};
};

/// The terms of a job that is taken now in this queue; one that the configuration does not have has the
/// general rules.
Terms terms_of(const config::Settings& settings,
               const std::string& queue = std::string(config::kDefaultQueue));

/// For jobs.terms and plan.json: one line of JSON.
std::string to_json(const Terms& terms);
/// Errors: bad_input for what to_json() has not written.
Result<Terms> read_terms(const std::string& json);

/// The job's terms; where it has none, because an earlier version took it, those that hold now for its queue.
/// Errors: corrupt, with what a person can do, when they can't be read. Then nothing of the job may be sent
/// or judged by other rules: what holds now may allow what its owner ruled out, such as a longer window.
Result<Terms> terms_of(const store::Job& job, const config::Settings& settings);

/// Gives terms to the open jobs that have none: a later change of the configuration does not touch them. In
/// one commit. To be called before any stage runs.
Result<void> freeze_terms(store::Store& store, const config::Settings& settings);

}  // namespace batchd::engine
