#pragma once

#include <list>

#include "base/async/wake.hpp"

namespace batchd {

/// Those who wait until something of many changes: a Wake has one waiter, a line has as many as come. I/O
/// thread only; must outlive its places.
class WakeLine {
public:
    /// In the line for as long as it lives; `wake` is the waiter's own.
    class Place {
    public:
        Place(WakeLine& line, Wake& wake)
            : waiting_(line.waiting_), at_(waiting_.insert(waiting_.end(), &wake)) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { waiting_.erase(at_); }

    private:
        std::list<Wake*>& waiting_;
        std::list<Wake*>::iterator at_;
    };

    /// Each as Wake::raise(). Nobody steps into the line or out of it by this, for they run later.
    void raise_all() {
        for (Wake* wake : waiting_) wake->raise();
    }

private:
    std::list<Wake*> waiting_;
};

}  // namespace batchd
