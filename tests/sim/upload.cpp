#include "sim/upload.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json/stream_parser.hpp>

#include "sim/sim_clock.hpp"

namespace batchd::sim {
namespace {

constexpr std::array<std::string_view, 6> kPurposes = {"fine-tune", "assistants", "batch",
                                                       "user_data", "vision",     "evals"};
constexpr std::size_t kFieldBytesMax = 4096;
constexpr std::int64_t kExpirySecondsMax = 2592000;

ApiError refused(std::string message, std::string param = {}) {
    return {.status = 400, .message = std::move(message), .param = std::move(param), .code = ""};
}

}  // namespace

struct FirstLine::Parser {
    boost::json::stream_parser parser{{}, {.max_depth = 512}};
    bool ended = false;
    bool broken = false;
};

FirstLine::FirstLine() : parser_(std::make_unique<Parser>()) {}
FirstLine::~FirstLine() = default;

void FirstLine::feed(std::string_view bytes) {
    if (parser_->ended || parser_->broken) return;
    const auto newline = bytes.find('\n');
    parser_->ended = newline != std::string_view::npos;
    boost::system::error_code ec;
    parser_->parser.write({bytes.data(), std::min(newline, bytes.size())}, ec);
    parser_->broken = ec.failed();
}

bool FirstLine::is_json() {
    boost::system::error_code ec;
    if (!parser_->broken) parser_->parser.finish(ec);
    return !parser_->broken && !ec;
}

Upload::~Upload() {
    if (kept_ || !fd_) return;
    const auto ignored = remove_file(path_);
    static_cast<void>(ignored);
}

Result<void> Upload::part_begins(PartHead head) {
    part_ = std::move(head);
    field_.clear();
    if (part_.name != "file") return {};
    file_without_name_ = !part_.filename;
    file_without_type_ = part_.content_type.empty();
    filename_ = part_.filename.value_or("");
    if (fd_) return error(Errc::bad_input, "the part 'file' is there twice");
    auto fd = open_file(path_, O_WRONLY | O_CREAT | O_EXCL);
    if (!fd) return fd.error();
    fd_ = std::move(*fd);
    return {};
}

Result<void> Upload::part_data(std::string_view bytes) {
    if (part_.name != "file") {
        if (field_.size() + bytes.size() > kFieldBytesMax)
            return error(Errc::bad_input, "a field is too long");
        field_ += bytes;
        return {};
    }
    size_bytes_ += bytes.size();
    first_line_.feed(bytes);
    utf8_.feed(bytes);
    if (size_bytes_ > file_bytes_max_) return {};  // read on, so that the refusal can be sent
    return write_all(fd_.get(), bytes);
}

Result<void> Upload::part_ends() {
    if (part_.name == "purpose") purpose_ = field_;
    if (part_.name == "expires_after[anchor]") anchor_ = field_;
    if (part_.name == "expires_after[seconds]") seconds_ = field_;
    return {};
}

Reply<void> Upload::check_purpose() const {
    if (!purpose_) return refused("'purpose' is a required property");
    if (std::find(kPurposes.begin(), kPurposes.end(), *purpose_) != kPurposes.end()) return {};
    std::string known;
    for (std::string_view purpose : kPurposes)
        known += (known.empty() ? "'" : ", '") + std::string(purpose) + "'";
    return refused("'" + *purpose_ + "' is not one of [" + known + "] - 'purpose'", "purpose");
}

Reply<void> Upload::check_content() {
    if (*purpose_ != "batch") return {};
    if (size_bytes_ > file_bytes_max_) return refused("File is too large.");
    if (!utf8_.valid()) return refused("Invalid file for Batch API. Must be utf-8 encoded");
    if (!first_line_.is_json()) return refused("Invalid file format for Batch API. Must be .jsonl");
    return {};
}

Reply<std::optional<std::int64_t>> Upload::expiry(TimePoint now) const {
    const bool batch = *purpose_ == "batch";
    if (!anchor_ && !seconds_)
        return batch ? std::optional(unix_seconds(now) + kExpirySecondsMax) : std::nullopt;
    if (!anchor_)
        return refused("Missing required parameter: 'expires_after.anchor'.", "expires_after.anchor");
    if (!seconds_)
        return refused("Missing required parameter: 'expires_after.seconds'.", "expires_after.seconds");
    if (*anchor_ != "created_at")
        return refused("Invalid value: '" + *anchor_ + "'. Supported values are: 'created_at'.",
                       "expires_after.anchor");
    std::int64_t seconds = 0;
    const char* const end = seconds_->data() + seconds_->size();
    const auto parsed = std::from_chars(seconds_->data(), end, seconds);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return refused("Invalid type for 'expires_after.seconds': expected an integer.",
                       "expires_after.seconds");
    const auto min = static_cast<std::int64_t>(expiry_min_);
    if (seconds < min || seconds > kExpirySecondsMax)
        return refused("Invalid 'expires_after.seconds': expected a value between " + std::to_string(min) +
                           " and 2592000.",
                       "expires_after.seconds");
    return std::optional(unix_seconds(now) + seconds);
}

Reply<StoredFile> Upload::finish(TimePoint now) {
    if (!filename_) return refused("'file' is a required property");
    if (file_without_name_) return refused("Expected 'file' to be a file, but it has no filename.", "file");
    if (file_without_type_ && wants_type_)
        return refused("The file has no or an empty content type specified");
    if (auto ok = check_purpose(); !ok) return ok.error();
    auto expires_at = expiry(now);
    if (!expires_at) return expires_at.error();
    if (auto ok = check_content(); !ok) return ok.error();
    kept_ = true;
    return StoredFile{.id = "",
                      .account = "",
                      .purpose = *purpose_,
                      .filename = *filename_,
                      .size_bytes = size_bytes_,
                      .created_at = now,
                      .expires_at = *expires_at};
}

}  // namespace batchd::sim
