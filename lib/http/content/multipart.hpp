#pragma once

#include <string>
#include <vector>

#include "http/content/form_content.hpp"

namespace batchd::http {

struct FormField {
    std::string name;
    std::string value;
};

/// A form with one file, which comes last and is streamed.
struct Form {
    std::vector<FormField> fields;
    std::string file_field;  ///< the name of the file's part
    std::string filename;    ///< as the server shall know it
    OpenContent open;        ///< what it holds
};

/// What stands in front of and behind the file's bytes in a multipart/form-data body. Source: RFC 7578.
struct Multipart {
    std::string content_type;
    std::string prologue;
    std::string epilogue;
};

/// `boundary` must not occur in what is sent: a random_key() will not.
Multipart frame(const Form& form, std::string_view boundary);

}  // namespace batchd::http
