#pragma once

#include "http/content/form_content.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::provider {

/// The texts of a row file as they are uploaded: made while they are sent, with a size that is known before.
class RowContent final : public http::FormContent {
public:
    /// Errors: as RowFileReader::open(), and next() for the first of them.
    static Result<std::unique_ptr<http::FormContent>> open(const Path& rows);
    explicit RowContent(jsonl::RowFileReader reader) : reader_(std::move(reader)) {}

    std::uint64_t size_bytes() const override { return reader_.text_bytes(); }
    Result<std::string_view> next() override;

private:
    /// Puts rows into the block until it is full.
    Result<void> read();

    jsonl::RowFileReader reader_;
    std::string block_{};
    bool is_read_ = false;  // and not handed out yet
};

}  // namespace batchd::provider
