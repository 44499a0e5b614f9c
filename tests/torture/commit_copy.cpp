#include "torture/commit_copy.hpp"

#include <filesystem>

namespace batchd::torture {

Order CommitCopy::before(const Call& call) {
    const bool is_commit =
        call.what->effect == Effect::sync && call.target == (state_ / "batchd.db-wal").string();
    return {is_commit ? Order::Kind::watch : Order::Kind::go};
}

Order CommitCopy::after(const Call&, std::int64_t answer) {
    if (answer == 0 && count_++ == at_)
        std::filesystem::copy(
            state_, copy_,
            std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    return {};
}

}  // namespace batchd::torture
