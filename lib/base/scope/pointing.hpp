#pragma once

namespace batchd {

/// Sets a pointer for as long as it lives, and to null at its end. The pointer must outlive it.
template <class T>
class Pointing {
public:
    Pointing(T*& pointer, T& to) : pointer_(pointer) { pointer_ = &to; }
    Pointing(const Pointing&) = delete;
    Pointing& operator=(const Pointing&) = delete;
    ~Pointing() { pointer_ = nullptr; }

private:
    T*& pointer_;
};

}  // namespace batchd
