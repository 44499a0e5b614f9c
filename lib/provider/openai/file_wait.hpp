#pragma once

#include <map>
#include <string>

#include "base/units.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// What the word for an uploaded file's state says about making a batch of it.
enum class Readiness { ready, not_yet, broken };

/// `word`: in lower case; "" where the service says none. A word that nobody knows means "not yet".
Readiness readiness_of(std::string_view word);

/// Uploaded files that a service has to look through before a batch can be made of them. It is asked anew
/// before each create; between two of them the batch waits as after any failure that passes, and holds no
/// connection. Pure; kept in memory, so that a restart begins the wait anew.
class FileWait {
public:
    /// What the service said of the file, at uptime `now`: nothing where the create may be sent, else what it
    /// is to be answered with. Where the service does not show single files, and after half an hour in which
    /// a file did not become ready, the create is sent: its answer is the service's own word on it.
    std::optional<Failure> judge(const std::string& file_id, const Answer<FileObject>& file, Millis now);

private:
    std::map<std::string, Millis> since_;  // uptime at which it was found not ready, by file id
};

}  // namespace batchd::provider
