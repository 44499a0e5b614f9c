#pragma once

namespace batchd {

/// One more, for as long as it lives. What is counted must outlive it.
template <class Count>
class Counted {
public:
    explicit Counted(Count& count) : count_(count) { ++count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count_; }

private:
    Count& count_;
};

}  // namespace batchd
