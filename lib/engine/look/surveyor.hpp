#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/wake_line.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/look/batch_survey.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Walks through the provider's listing of batches for all who have a doubt, in one walk for all of them: a
/// page for a hundred batches, however many rows are in doubt.
class Surveyor {
public:
    /// All of it outlives the stage.
    struct Ports {
        store::Store& store;
        Clock& clock;
        const std::string& name;  ///< of the account, in the configuration and in the database
        const config::Provider& account;
        provider::Provider& provider;
    };

    explicit Surveyor(const Ports& ports) : ports_(ports) {}

    using Answer = provider::Answer<std::shared_ptr<const BatchSurvey>>;
    /// A survey that began at uptime `not_before` or later: one that there is, one that is under way, or a
    /// new one.
    boost::asio::awaitable<Answer> look(Millis not_before);

private:
    /// Held by the one that walks; the others wait for it.
    class Turn;
    /// One walk from the newest to the oldest that matters.
    boost::asio::awaitable<Answer> walk();
    /// What the database knows at this moment, of the address that calls go to.
    Result<BatchSurvey::Question> question() const;

    const Ports ports_;
    std::shared_ptr<const BatchSurvey> last_;
    Millis last_began_{0};
    bool is_walking_ = false;
    WakeLine waiting_;
};

/// Those of a survey that may be this batch, and that are not on record by now: as an earlier attempt on the
/// same file, or adopted since the walk. Newest first. Errors: SQLite's.
Result<std::vector<provider::BatchObject>> unknown_of(store::Store& store, const BatchSurvey& survey,
                                                      const store::Batch& batch);

}  // namespace batchd::engine
