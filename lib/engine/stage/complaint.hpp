#pragma once

#include <string>

#include "engine/record/journal.hpp"

namespace batchd::engine {

/// The trouble of a stage that does not work on rows: said when it is new, not each time that it is met, and
/// kept with the journal as long as it lasts.
class Complaint {
public:
    explicit Complaint(Journal& journal) : journal_(journal) {}
    Complaint(const Complaint&) = delete;
    Complaint& operator=(const Complaint&) = delete;
    ~Complaint() { clear(); }

    void say(std::string why) {
        if (said_ == why) return;
        said_ = std::move(why);
        journal_.note(EventKind::waiting, said_);
        journal_.keep_trouble(this, said_);
    }
    /// It is over: the next trouble is new, even if it is the same.
    void clear() {
        said_.clear();
        journal_.end_trouble(this);
    }

private:
    Journal& journal_;
    std::string said_;
};

}  // namespace batchd::engine
