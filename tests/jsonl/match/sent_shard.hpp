#pragma once

#include "jsonl/match/match_results.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {

using testing::TempDir;

inline std::string sent(const std::string& id) {
    return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/x","body":{"model":"m"}})";
}
inline std::string answer(const std::string& id, int status = 200) {
    return R"({"id":"b","custom_id":")" + id + R"(","response":{"status_code":)" + std::to_string(status) +
           R"(,"body":{"usage":{"prompt_tokens":2,"completion_tokens":3}}},"error":null})";
}
inline std::string refusal(const std::string& id, const std::string& code) {
    return R"({"custom_id":")" + id + R"(","response":null,"error":{"code":")" + code + R"("}})";
}
inline std::string no_answer(const std::string& id) {
    return R"({"id":null,"custom_id":")" + id +
           R"(","response":null,"error":{"code":"no_answer","message":"The provider gave no answer to this request."}})";
}

/// A shard that sent the ids a, b, c … as lines 10, 20, 30 … of the input.
class Shard {
public:
    explicit Shard(const std::vector<std::string>& ids) {
        paths_.prepared = dir_.path() / "prepared.jsonl";
        paths_.succeeded = dir_.path() / "succeeded.jsonl";
        paths_.failed = dir_.path() / "failed.jsonl";
        paths_.again = dir_.path() / "again.jsonl";
        paths_.unreadable = dir_.path() / "unreadable.jsonl";
        auto writer = RowFileWriter::create(paths_.prepared);
        for (const std::string& id : ids)
            EXPECT_TRUE(writer->append((writer->count() + 1) * 10, digest128(id), sent(id)));
        EXPECT_TRUE(writer->commit());
    }

    void give(std::string_view content) {
        const std::string name = "result-" + std::to_string(paths_.results.size());
        paths_.results.push_back(dir_.write(name, content));
    }
    MatchReport match(Attempts attempts = Attempts::left,
                      WhenCancelled when_cancelled = WhenCancelled::retry) {
        return match({.attempts = attempts, .when_cancelled = when_cancelled});
    }
    MatchReport match(const MatchOptions& options) { return match_results(paths_, options).value(); }
    /// The texts of a row file with their LFs, "none" where there is no file.
    static std::string text(const Path& path) {
        return row_file_exists(path).value() ? testing::texts_of(path) : "none";
    }
    std::string succeeded() const { return text(paths_.succeeded); }
    std::string failed() const { return text(paths_.failed); }
    std::string again() const { return text(paths_.again); }
    std::string unreadable() const {
        return file_exists(paths_.unreadable).value() ? testing::slurp(paths_.unreadable) : "none";
    }
    const MatchPaths& paths() const { return paths_; }
    /// What the lines that count have used.
    money::Usage charged() const {
        money::Usage sum;
        ResultMatch::read(paths_, [&](const ResultLine& row) { sum += row.usage.value(); }).value();
        return sum;
    }
    const TempDir& dir() const { return dir_; }

private:
    TempDir dir_;
    MatchPaths paths_;
};

}  // namespace batchd::jsonl
