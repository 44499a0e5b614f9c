#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "base/async/wake.hpp"
#include "base/units.hpp"

namespace batchd::provider {

/// What a provider is asked for. Each has a word in the table `provider_calls`.
enum class Operation {
    upload,
    create,
    retrieve,
    list,
    cancel,
    download,
    retrieve_file,
    delete_file,
    request,  ///< one of those that are sent one by one
};
std::string_view to_string(Operation operation);

/// What came back, by its status.
enum class CodeClass { success, redirect, client_error, server_error, none };
/// 0, and whatever is no status of HTTP, is `none`.
CodeClass code_class(unsigned http_status);
/// "2xx" … "5xx"; "none" where there was no answer.
std::string_view to_string(CodeClass code);

/// The longest calls of each class but the last, which has what takes longer: from an answer at once to a
/// request that is sent by itself and may take a quarter of an hour.
inline constexpr std::array kCallBounds{Millis(50),     Millis(100),    Millis(250),     Millis(500),
                                        Millis(1000),   Millis(2500),   Millis(5000),    Millis(10'000),
                                        Millis(30'000), Millis(60'000), Millis(300'000), Millis(900'000)};

/// How long the calls to a provider took, and what they brought, since somebody has recorded it. I/O thread
/// only.
class CallTally {
public:
    struct Kind {
        Operation operation = Operation::list;
        CodeClass code = CodeClass::none;
        auto operator<=>(const Kind&) const = default;
    };
    /// The bounds are upper ones, and a call counts in the first class that has room for it.
    struct Sum {
        std::array<std::uint64_t, kCallBounds.size() + 1> calls{};  ///< by class
        std::array<Millis, kCallBounds.size() + 1> took{};          ///< together, likewise
        std::uint64_t bytes = 0;                                    ///< that were fetched
    };
    using Sums = std::map<Kind, Sum>;

    explicit CallTally(boost::asio::any_io_executor executor) : counted_(std::move(executor)) {}

    /// `bytes`: of a body that was fetched; 0 where nothing was.
    void add(Kind kind, Millis took, std::uint64_t bytes = 0);
    /// What has come together, which begins anew.
    Sums take();
    /// Raised when there is something to take. It has one waiter.
    Wake& counted() { return counted_; }

private:
    Sums sums_;
    Wake counted_;
};

}  // namespace batchd::provider
