#pragma once

#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace batchd {

/// What went wrong where no system, network or SQLite code says it.
enum class Errc {
    bad_input = 1,  ///< somebody's data is not what it should be; the context says what would be right
    corrupt,        ///< a file of ours is not as we wrote it
    protocol,       ///< a peer broke the protocol
    too_large,      ///< a limit of ours was exceeded
    not_found,      ///< what was asked for is not there
    changed,        ///< a file changed while it was being read
    illegal,        ///< a state change that the transition table does not know: a bug
    locked,         ///< another process holds it
};

const boost::system::error_category& batchd_category() noexcept;
boost::system::error_code make_error_code(Errc errc) noexcept;

/// A failure that was to be expected: the code is for branching, the context for the person who reads the
/// log.
struct Error {
    boost::system::error_code code;
    std::string context;  ///< which file, row or address; never a secret
};

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(Errc errc, std::string context) {
    return {make_error_code(errc), std::move(context)};
}

/// The Error for a system call that has just failed: takes errno.
Error system_failure(std::string context);

/// The Error for an Asio call that ended with `ec`. Cancellation is not a failure: it is thrown, and unwinds.
Error failed(boost::system::error_code ec, std::string context);

/// `error` with more context in front: "context: what it said before".
Error within(std::string_view context, Error error);

/// One line for people: "context: message of the code".
std::string to_string(const Error& error);

/// Called by Result<T>::value() on an error; only tests and start-up use value().
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace batchd

template <>
struct boost::system::is_error_code_enum<batchd::Errc> : std::true_type {};
