#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

/// Every name that batchd gives to a file or folder is made here, and read here. lib/FORMATS.md has what is
/// in them, byte by byte.
namespace batchd::spool {

/// One submission of one shard.
struct ShardAttempt {
    std::uint64_t shard = 0;
    std::uint64_t attempt = 0;

    friend bool operator==(const ShardAttempt&, const ShardAttempt&) = default;
};

/// What is kept of an attempt.
enum class ShardFile {
    prepared,      ///< what is uploaded: shard-1.attempt-1.jsonl
    output,        ///< the provider's output file as it was downloaded
    error,         ///< the provider's error file as it was downloaded
    output_again,  ///< the output file as it was downloaded once more, until it is known to be no worse
    error_again,   ///< the error file, likewise
    succeeded,     ///< answers, in input order
    failed,        ///< final failures, in input order
    unreadable,    ///< lines of the result files that can't be read, as they came
    cut,           ///< into which shards it was cut: decided once, whatever happens then
    batch_id,      ///< the provider's id of the batch, noted for the day on which the database is lost
    provider,      ///< whom the attempt is for, where that is the queue's fallback: decided once, likewise
};

/// In a work directory: a symbolic link that leads nowhere and names the folder in which the original of a
/// file was set aside.
inline constexpr std::string_view kAsideNote = "aside";

/// The state directory. `job_key` is the job's UUID.
struct Layout {
    Path state_directory;

    Path database() const { return state_directory / "batchd.db"; }
    Path lock() const { return state_directory / "batchd.lock"; }
    Path identity() const { return state_directory / "identity"; }  ///< see spool/state/state_identity.hpp
    Path work_root() const { return state_directory / "work"; }
    Path work_directory(std::string_view job_key) const { return work_root() / job_key; }
    /// The claimed file.
    Path input(std::string_view job_key) const;
    /// Error lines for the bad lines of a job that is submitted without them.
    Path invalid(std::string_view job_key) const;
    /// A symbolic link that leads nowhere: what it holds is the name of the dropped file, for people who look
    /// into work/, and for the day on which the database is lost. One system call, and durable with the
    /// directory.
    Path name_link(std::string_view job_key) const { return work_directory(job_key) / "name"; }
    /// A symbolic link that leads nowhere, of a job that batchd made itself: what it was made of.
    Path origin_link(std::string_view job_key) const { return work_directory(job_key) / "origin"; }
    Path aside_note(std::string_view job_key) const { return work_directory(job_key) / kAsideNote; }
    /// What the file was split into.
    Path plan(std::string_view job_key) const { return work_directory(job_key) / "plan.json"; }
    /// Whose requests are in a bundle of several jobs, whose key it is.
    Path bundle(std::string_view bundle_key) const { return work_directory(bundle_key) / "bundle.json"; }
    /// Why the job is rejected, written before its input leaves the work directory.
    Path reason(std::string_view job_key) const { return work_directory(job_key) / "reason.txt"; }
    /// A symbolic link to the folder into which its input is about to leave.
    Path destination(std::string_view job_key) const { return work_directory(job_key) / "destination"; }
    /// What became of its answers in the next queue, once that is on the disk.
    Path next_step(std::string_view job_key) const { return work_directory(job_key) / "next.json"; }
    Path shard_file(std::string_view job_key, const ShardAttempt& attempt, ShardFile file) const;
    /// What a job has of a batch that it shares, by the batch's mark; not `prepared`.
    Path shared_file(std::string_view job_key, std::string_view mark, ShardFile file) const;
};

/// True for the name that a work directory has: a UUID in lower case.
bool is_job_key(std::string_view name);

/// Reads the name of a `prepared` file ("shard-3.attempt-1.jsonl"); anything else is nothing.
std::optional<ShardAttempt> parse_prepared_name(std::string_view name);

/// The longest file name, in bytes. Source: NAME_MAX of Linux file systems.
inline constexpr std::size_t kFileNameMax = 255;

/// The name in the outbox of the `number`-th folder for NAME: NAME, NAME.2, NAME.3 … `number` is at least 1.
/// A NAME that leaves no room for the number is cut, between characters where it is UTF-8.
std::string published_name(std::string_view name, std::uint64_t number);

/// The number with which `entry` is a folder for NAME, as published_name() gave it; nothing for any other
/// folder.
std::optional<std::uint64_t> published_number(std::string_view name, std::string_view entry);

/// The hidden name under which a folder is built: ".NAME.KEY.partial", NAME cut where it has no room.
std::string building_name(std::string_view name, std::string_view job_key);

/// The hidden name in the inbox under which a file waits that was copied from there: ".NAME.KEY.taken", NAME
/// cut where it has no room.
std::string set_aside_name(std::string_view name, std::string_view job_key);

/// The key in a name that set_aside_name() gave; nothing for any other name.
std::optional<std::string_view> set_aside_key(std::string_view entry);

}  // namespace batchd::spool
