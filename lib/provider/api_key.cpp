#include "provider/api_key.hpp"

#include <utility>

namespace batchd::provider {

ApiKey::ApiKey(std::string value, Need need) : value_(std::move(value)), need_(need) {}

void ApiKey::replace(std::string value) {
    value_ = std::move(value);
}

}  // namespace batchd::provider
