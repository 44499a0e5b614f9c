#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk/fd.hpp"
#include "sim/file_store.hpp"
#include "sim/multipart.hpp"
#include "sim/settings.hpp"
#include "sim/utf8.hpp"

namespace batchd::sim {

/// Tells whether the first line of what it is fed is one JSON value, without keeping it.
class FirstLine {
public:
    FirstLine();
    ~FirstLine();
    void feed(std::string_view bytes);
    /// After the last byte.
    bool is_json();

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

/// Receives the form of `POST /files`: writes the file's bytes to disk as they come, and checks what the
/// service checks.
class Upload final : public PartSink {
public:
    /// The bytes go to `path`, which is removed again unless finish() succeeds.
    Upload(Path path, const Settings& settings)
        : path_(std::move(path)),
          file_bytes_max_(settings.file_bytes_max),
          expiry_min_(settings.file_expiry_min),
          wants_type_(settings.texts == "azure") {}
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;
    ~Upload() override;

    Result<void> part_begins(PartHead head) override;
    Result<void> part_data(std::string_view bytes) override;
    Result<void> part_ends() override;

    /// The file, without an id, after the last part; or the refusal.
    Reply<StoredFile> finish(TimePoint now);

private:
    Reply<void> check_purpose() const;
    Reply<void> check_content();
    Reply<std::optional<std::int64_t>> expiry(TimePoint now) const;

    Path path_;
    std::uint64_t file_bytes_max_;
    std::uint64_t expiry_min_;  ///< seconds
    bool wants_type_;           ///< the file's part has to say what it is
    UniqueFd fd_;
    PartHead part_;
    std::string field_;  ///< value of the text part that is being read
    std::optional<std::string> filename_, purpose_, anchor_, seconds_;
    bool file_without_name_ = false;
    bool file_without_type_ = false;
    std::uint64_t size_bytes_ = 0;
    FirstLine first_line_;
    Utf8Check utf8_;
    bool kept_ = false;
};

}  // namespace batchd::sim
