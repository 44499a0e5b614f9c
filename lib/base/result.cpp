#include "base/result.hpp"

#include <cerrno>
#include <stdexcept>

#include <boost/system/system_error.hpp>

namespace batchd {
namespace {

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "batchd"; }
    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::bad_input:
                return "bad input";
            case Errc::corrupt:
                return "corrupt file";
            case Errc::protocol:
                return "protocol violated";
            case Errc::too_large:
                return "too large";
            case Errc::not_found:
                return "not found";
            case Errc::changed:
                return "changed while it was being read";
            case Errc::illegal:
                return "illegal state change";
            case Errc::locked:
                return "held by another process";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& batchd_category() noexcept {
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc errc) noexcept {
    return {static_cast<int>(errc), batchd_category()};
}

Error system_failure(std::string context) {
    return {{errno, boost::system::system_category()}, std::move(context)};
}

Error failed(boost::system::error_code ec, std::string context) {
    if (ec == boost::system::errc::operation_canceled) throw boost::system::system_error(ec);
    return {ec, std::move(context)};
}

Error within(std::string_view context, Error error) {
    error.context =
        error.context.empty() ? std::string(context) : std::string(context) + ": " + error.context;
    return error;
}

std::string to_string(const Error& error) {
    // Our own codes name a class of failure; the context already says it in full.
    if (error.code.category() == batchd_category() && !error.context.empty()) return error.context;
    return error.context.empty() ? error.code.message() : error.context + ": " + error.code.message();
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(to_string(error));
}

}  // namespace batchd
