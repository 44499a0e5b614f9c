#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/doubt/lost_attempts.hpp"
#include "engine/pack/packer.hpp"
#include "engine/stage/postponed.hpp"
#include "engine/wakes.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Puts small batches of one kind together before they are sent: what waits while a submission of that kind
/// is under way goes as one batch after it. One that waits alone goes as it is.
///
/// A bundle, the folder that has the requests of all of them, is durable before the database knows of it, and
/// the database knows of it before anything is sent.
class Packing {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Wakes& wakes;
        const std::string& name;  ///< of the account, in the configuration and in the database
        AccountWakes& own_wakes;
    };
    Packing(const Ports& ports, LostAttempts& lost);

    /// Wakes the submitter when a pause is over. Runs until cancelled.
    boost::asio::awaitable<void> run();

    /// What the submitter has to do now. Of what waits to be put together, of each kind what goes next: it
    /// stands for the others that go with it.
    Result<std::vector<store::BatchRowId>> find(std::size_t count_max);
    /// Others go with this one: bring_together() first.
    bool has_company(store::BatchRowId id) const { return chosen_.contains(id.value); }
    /// Makes one batch of them. Nothing: either it is there, and this row is no more; or it goes by itself.
    boost::asio::awaitable<Progress> bring_together(store::BatchRowId id);
    /// It is at the provider, or will not be: the next of its kind may go.
    void let_go(store::BatchRowId id);
    /// It waits for something of its own: it goes by itself from now on, and the next of its kind may go.
    Result<void> leave_behind(store::BatchRowId id);

private:
    /// What can go as one, by batches.share: one submission of it is under way at a time.
    struct Kind {
        PackPace pace;
        std::int64_t under_way = 0;  ///< the row that is; 0: none
    };
    /// What goes with a row that was handed to the submitter.
    struct Chosen {
        std::string word;
        Pack pack;
    };
    struct Members {
        Progress wait{};
        std::vector<store::Sharing> all{};
    };
    /// What came of an attempt to put them together.
    struct Made {
        Progress wait{};
        std::optional<std::size_t> unreadable{};  ///< of the members, whose files keep it from being made
    };

    /// One file waits, and no other is just being read.
    Result<bool> is_single(const std::string& word) const;
    /// What goes next of this kind is added to `ready`, where it may go now.
    Result<void> choose(const std::string& word, bool is_single,
                        std::vector<store::Batches::ToSubmit>& ready);
    /// By the terms of its job. All that wait with the same word have the same.
    Result<PackLimits> limits_of(const store::Sharing& first) const;
    /// Those that may be sent now: none that the provider has already, from before the start.
    boost::asio::awaitable<Members> look_for_lost(std::vector<store::Sharing> chosen);
    /// The folder first, then the rows in one commit.
    boost::asio::awaitable<Made> make_bundle(const std::vector<store::Sharing>& members, const Chosen& chosen,
                                             store::BatchRowId id);
    /// Nothing of a bundle counts that was not recorded.
    boost::asio::awaitable<Result<void>> unmake(const std::string& key);
    /// One that no other bundle has or had; for the one that is made with it as long as that is under way.
    Result<std::string> take_key(const std::vector<store::Sharing>& members);
    Result<bool> may_be_taken(const std::string& key) const;
    /// Replaces the members' rows by one. False, and nothing is changed, where one of them is not as it was.
    Result<bool> record(const store::Batch& shared, const std::vector<store::Sharing>& members);
    /// This row is under way: no other of its kind goes until let_go().
    void start(const std::string& word, store::BatchRowId id);

    const Ports ports_;
    LostAttempts& lost_;
    std::map<std::string, Kind> kinds_;              // by word
    std::map<std::int64_t, Chosen> chosen_;          // by the row that stands for them
    std::map<std::int64_t, std::string> under_way_;  // words of the rows that are
    std::set<std::string> keys_;                     // of bundles that are being made
    std::optional<Millis> next_;                     // uptime at which a pause ends
    Wake pause_;
};

}  // namespace batchd::engine
