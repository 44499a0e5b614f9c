#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

namespace batchd::config {

struct ApiKey {
    std::string key;    ///< a secret: for the request header only
    std::string where;  ///< "the file /etc/batchd/api_key": may be shown
    std::string until;  ///< how another one takes its place: "which is read again when it changes"
};

/// The provider's key: from the systemd credential `api_key`, else from provider.api_key_file, else from the
/// variable OPENAI_API_KEY. The first of these that is there counts, even when it is unusable; but a
/// credential with nothing in it counts as none. White space around it is dropped, and so are quotes,
/// the mark of UTF-8, and NAME_KEY= before it. Errors: not_found when
/// there is none of them, bad_input for what can't be a key, errno. None holds the key.
Result<ApiKey> find_api_key(const Settings& settings, const Environment& environment);

/// The key of a provider with a name: from the systemd credential `api_key.NAME`, else from its api_key_file,
/// else from the variable BATCHD_API_KEY_NAME, in capitals and with '_' for '-'. "" is [provider], as above.
/// The provider must be there.
Result<ApiKey> find_api_key(const Settings& settings, const std::string& name,
                            const Environment& environment);

/// Where the packaged service gets its key from, as whoever may look into `etc` (/etc/batchd) can tell from
/// outside of it: the files of which systemd makes the credential of the provider `name`, "" for [provider].
/// Nothing where neither is there. Errors: as above.
Result<std::optional<std::string>> find_service_key(const Path& etc, const std::string& name = {});

}  // namespace batchd::config
