#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "http/content/multipart.hpp"
#include "http/message.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// What a call looks like at a service that speaks like OpenAI: where it goes, what it bears, and what it
/// says in the service's own values. From values alone.
class Wire {
public:
    /// Errors: bad_input for a base URL that can't be used.
    static Result<Wire> make(const config::Provider& settings);

    const http::Origin& origin() const { return origin_; }
    /// Of the base URL, without a slash at its end: "/v1", or "".
    const std::string& base_path() const { return prefix_; }

    /// `path`: below the base URL, escaped, perhaps with a query of its own. `key`: "" shows none.
    http::Request request(http::Method method, std::string_view path, const std::string& key) const;
    /// What POST upload_path() sends. The content is opened when the body is sent, and read while it goes.
    http::Form upload(http::OpenContent content, std::string filename) const;
    const std::string& upload_path() const { return dialect_.upload_path; }
    /// The listing of files, with a query that is to be gone on with.
    std::string files_path() const;
    /// `batch` as POST /batches is to name it.
    NewBatch to_create(NewBatch batch) const;
    /// Why no such batch can be made; "" where it can. Only what the configuration knows of the service; what
    /// else is wrong, the service says.
    std::string objection_to(const NewBatch& batch) const;

private:
    Wire() = default;

    http::Origin origin_;
    std::string prefix_;  // of every path
    std::string organization_;
    std::string project_;
    config::Dialect dialect_;
};

}  // namespace batchd::provider
