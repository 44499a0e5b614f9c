#pragma once

#include <utility>

namespace batchd {

/// In a set for as long as it lives, however what it is there for ends. The set must outlive it.
template <class Set>
class Member {
public:
    Member(Set& set, typename Set::key_type key) : set_(set), key_(std::move(key)) { set_.insert(key_); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() { set_.erase(key_); }

private:
    Set& set_;
    typename Set::key_type key_;
};

}  // namespace batchd
