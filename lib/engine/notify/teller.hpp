#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/notify/sender.hpp"
#include "engine/record/journal.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Tells one [notify.NAME] what it wants to be told: in order, each notice at least once, over restarts too.
/// What does not get through is tried again until notify.patience is over; nobody else waits for it.
class Teller {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        Journal& journal;
    };

    /// `idle` is raised when it becomes idle. All of it outlives the teller.
    Teller(const Ports& ports, Sender& sender, Wake& idle, std::string name, config::NotifyTarget target);
    ~Teller();
    Teller(const Teller&) = delete;
    Teller& operator=(const Teller&) = delete;

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// True while there is nothing to tell, or nobody who can be told.
    bool is_idle() const { return is_idle_; }

private:
    /// Reads how far it has come, and does not give up before it knows.
    boost::asio::awaitable<void> begin();
    /// Nothing: there is nothing to tell. Leaves out what is too old to be told, and says so.
    Result<std::vector<store::Notice>> next_message();
    /// The next that are for it; what is not is passed. Empty: there are none.
    Result<std::vector<store::Notice>> find(std::size_t count_max);
    /// It is not for this target. On record only now and then: see kUnrecordedMax.
    Result<void> pass(std::int64_t notice);
    /// Takes those off that the patience is over for.
    Result<void> give_up(std::vector<store::Notice>& notices);
    /// What follows from an attempt: on record as told, or as failing since.
    Result<void> settle(const std::vector<store::Notice>& notices, const notify::SendResult& verdict);
    void become_idle(bool is_idle);
    /// Longer each time in a row, and never shorter than the receiver has asked for.
    Millis pause_after_failure(std::optional<Millis> asked_for);

    const Ports ports_;
    Sender& sender_;
    Wake& idle_;
    const std::string name_;
    const config::NotifyTarget target_;
    const bool is_summed_up_;
    store::Target row_;
    std::int64_t recorded_ = 0;  // row_.notice as it stands in the database
    unsigned failures_ = 0;      // in a row
    bool is_idle_ = false;
};

}  // namespace batchd::engine
