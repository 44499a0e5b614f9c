#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace batchd::http {

/// The bytes of a form's file, read once from their beginning to their end. Blocking, for as long as a read
/// from disk takes.
class FormContent {
public:
    virtual ~FormContent() = default;

    /// What it will come to, known before the first byte is read.
    virtual std::uint64_t size_bytes() const = 0;
    /// The next bytes, valid until the next call; "" at the end. Errors: errno; changed when what they are
    /// made of is no longer what it was.
    virtual Result<std::string_view> next() = 0;
};

using OpenContent = std::function<Result<std::unique_ptr<FormContent>>()>;

}  // namespace batchd::http
