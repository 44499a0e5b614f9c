#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::web {

/// "%2F" as "/"; nothing where a '%' has no two digits behind it, or a 0 byte would come of it.
std::optional<std::string> percent_decoded(std::string_view text);

/// The fields of a query or of a form's body, "a=1&b=two+words". Of several with one name the first counts;
/// what can't be decoded is left out. Source: WHATWG URL, 5.1.
class Fields {
public:
    static Fields parse(std::string_view text);

    /// "" where it is not there.
    const std::string& operator[](std::string_view name) const;

private:
    std::map<std::string, std::string, std::less<>> fields_;
};

/// The value of a cookie in the header Cookie; "" where it is not there.
std::string_view cookie(std::string_view header, std::string_view name);

}  // namespace batchd::web
