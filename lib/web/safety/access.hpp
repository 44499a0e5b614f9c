#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd::web {

/// Who may come in, by one token of 128 bits. Nothing is kept of a session: what a browser brings back says
/// itself that it is ours, so that no number of visitors fills anything.
class Access {
public:
    /// `token`: 32 hexadecimal digits, as make_token() has them.
    explicit Access(std::string token) : token_(std::move(token)) {}

    const std::string& token() const { return token_; }
    /// True for the token; takes as long whatever is wrong with another one.
    bool is_token(std::string_view given) const;

    /// The value of a new session's cookie.
    std::string open_session() const;
    /// True for what open_session() made.
    bool is_session(std::string_view cookie) const;

    /// What a form has to bring back to change something: bound to a session, or to a user of a proxy's, and
    /// of no use to another.
    std::string form_token(std::string_view session) const;
    bool is_form_token(std::string_view given, std::string_view session) const;

private:
    std::string digest(std::string_view purpose, std::string_view of) const;

    std::string token_;
};

/// 128 bits from the system's random source, as 32 hexadecimal digits. Errors: protocol, where it has none.
Result<std::string> make_token();

}  // namespace batchd::web
