#pragma once

#include <cstddef>

#include <boost/json/string_view.hpp>
#include <boost/system/error_code.hpp>

namespace batchd {

/// What all handlers of Boost.JSON's basic_parser have in common, as a base: its own limits are off, for what
/// is kept of a text is bounded by who keeps it, and nobody asks where a document begins or for comments.
struct JsonEvents {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    bool on_document_begin(boost::system::error_code&) { return true; }
    bool on_document_end(boost::system::error_code&) { return true; }
    bool on_comment_part(boost::json::string_view, boost::system::error_code&) { return true; }
    bool on_comment(boost::json::string_view, boost::system::error_code&) { return true; }
};

}  // namespace batchd
