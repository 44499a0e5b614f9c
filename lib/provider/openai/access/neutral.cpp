#include "provider/openai/access/neutral.hpp"

#include <utility>

namespace batchd::provider {

namespace {

// Nearly every server has it, also one with neither of the lists.
const char* const kModels = "/models";

Failure nothing_to_ask() {
    Failure failure;
    failure.kind = FailureKind::unsupported;
    failure.message = "by the configuration the provider does not have anything that could be asked for";
    return failure;
}

}  // namespace

Neutral::Neutral(const config::Dialect& dialect, const std::string& files_path) : last_(nothing_to_ask()) {
    if (dialect.list_batches) paths_.emplace_back("/batches?limit=1");
    if (dialect.list_files) paths_.push_back(files_path + "limit=1");
    if (paths_.empty()) paths_.emplace_back(kModels);
}

std::optional<std::string> Neutral::next() {
    if (is_settled_ || asked_ == paths_.size()) return std::nullopt;
    return paths_[asked_++];
}

void Neutral::answered(Answer<void> answer) {
    last_ = std::move(answer);
    const bool is_refused = last_.has_error() && last_.error().kind == FailureKind::unauthorized;
    const bool is_absent = last_.has_error() && last_.error().kind == FailureKind::unsupported;
    is_settled_ = !is_refused && !is_absent;
    if (is_refused) refused_ = last_.error();
    // A key of narrow rights may be kept from both lists, and is told so with 403. Of a key that it does not
    // know, a server that shows its models to anybody would say nothing.
    const bool is_known = refused_ && refused_->http_status == 403;
    if (asked_ == paths_.size() && is_known && paths_.back() != kModels) paths_.emplace_back(kModels);
}

Answer<void> Neutral::answer() const {
    if (is_settled_ || !refused_) return last_;
    return *refused_;
}

}  // namespace batchd::provider
