#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "http/connection.hpp"
#include "http/content/form_content.hpp"
#include "http/content/multipart.hpp"
#include "http/message.hpp"

namespace batchd::http {

/// For .cpp files of this directory only: a form on its way out, its file opened and measured once.
struct FormSource {
    std::unique_ptr<FormContent> content;
    Multipart frame;
    std::uint64_t body_size() const {
        return frame.prologue.size() + content->size_bytes() + frame.epilogue.size();
    }
};

/// Errors: those of the form's `open`.
Result<FormSource> open_form_source(const Form& form);

/// Sends the whole body, once. Errors: phase sent where the connection fails, local where the content does.
boost::asio::awaitable<Outcome<void>> send_form(Connection& connection, const FormSource& source);

}  // namespace batchd::http
