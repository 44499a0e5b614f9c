#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "money/usage.hpp"

namespace batchd::config {
struct Provider;
}

/// What a batch provider can do, in the terms of the OpenAI Batch and Files APIs.
namespace batchd::provider {

class CallTally;

/// Why a call has no answer, by what there is to be done about it.
enum class FailureKind {
    refused,       ///< the provider says that the request is wrong: 400, 403 of a resource, 413, 422 …
    not_found,     ///< 404, 410: no such file or batch (yet, or any more)
    conflict,      ///< 409
    unsupported,   ///< the server does not have this call: 501; 404 or 405 of a whole listing
    token_limit,   ///< too many tokens enqueued for the model: wait until batches have ended
    rate_limited,  ///< 429: wait for retry_after, or back off
    quota,         ///< the account can't pay: somebody has to act
    unauthorized,  ///< the key is refused or missing: somebody has to act
    unreachable,   ///< nothing was sent: DNS, connect, TLS
    unavailable,   ///< the provider failed (5xx, cut off, garbage, timeout) and the call had no effect to
                  ///< lose, or something before it did not let the call through (the page of a load balancer)
    doubt,  ///< as unavailable, but the call may have taken effect: look before doing it again
    local,  ///< our own disk or descriptors: the file to send or to write
};

std::string_view to_string(FailureKind kind);

struct Failure {
    FailureKind kind = FailureKind::unavailable;
    unsigned http_status = 0;           ///< 0: no answer
    std::string code;                   ///< the provider's, "" where it gave none
    std::string param;                  ///< likewise
    std::string message;                ///< for people; at most 2 KB, printable, without the key
    std::optional<Millis> retry_after;  ///< what the provider asked us to wait
    /// The answer was the provider's own error object, not the page or text of something before it. Only such
    /// a "no" is about what was asked.
    bool in_own_words = false;
};

/// The provider itself says that there is no such file or batch; a page on the way to it that says so does
/// not count.
bool says_it_is_not_there(const Failure& failure);

/// "429 rate_limit_exceeded: Please slow down": one line for people.
std::string to_string(const Failure& failure);

template <class T>
using Answer = boost::system::result<T, Failure>;
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

/// A file at the provider.
struct FileObject {
    std::string id;
    std::string filename;
    std::uint64_t size_bytes = 0;  ///< 0: it does not say
    TimePoint created_at{};
    std::string status_word{};  ///< lower case: "processed"; "" where it does not say
};

enum class BatchStatus {
    validating,
    in_progress,
    finalizing,
    completed,
    failed,
    expired,
    cancelling,
    cancelled,
    unknown,  ///< a word we do not know, or none that can be read: keep polling
};

/// Case does not matter; other services' words ("canceled", "SUCCESS") are understood.
BatchStatus parse_status(std::string_view word);
/// completed, failed, expired, cancelled: nothing changes any more.
bool is_terminal(BatchStatus status);

/// One entry of a batch's `errors`: why validation refused it.
struct ValidationError {
    std::string code;
    std::string message;
    std::string param;
    std::optional<std::uint64_t> line;  ///< 1-based, in the uploaded file
};

/// A batch as the provider tells it. Absent, null and "" are all the same: empty.
struct BatchObject {
    std::string id;
    std::string status_word;  ///< lower case; OpenAI's for one of the configured status_words, else as the
                              ///< provider wrote it; "" where it wrote none that can be read
    BatchStatus status = BatchStatus::unknown;
    std::string endpoint;
    std::string input_file_id;
    std::string output_file_id;
    std::string error_file_id;
    TimePoint created_at{};
    std::optional<TimePoint> expires_at;
    std::optional<TimePoint> ended_at;  ///< completed_at, failed_at, expired_at or cancelled_at
    std::uint64_t total = 0;            ///< request_counts: display, never a decision
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::map<std::string, std::string> metadata;  ///< entries that are strings
    std::vector<ValidationError> errors;
    std::optional<money::Usage> usage{};  ///< of all its answers; nothing where it does not say
    /// Requests that may have been answered more than once, where a crash leaves that open.
    std::uint64_t possibly_repeated = 0;
};

template <class T>
struct Page {
    std::vector<T> items;  ///< newest first
    bool has_more = false;
    std::uint64_t unreadable = 0;  ///< entries without an id that can be read: any of them may be ours
};

struct NewBatch {
    std::string input_file_id;
    std::string endpoint;
    std::string completion_window;
    std::map<std::string, std::string> metadata;
    // For whoever sends the requests one by one:
    unsigned row_attempts = 3;  ///< of one request in all
    int priority = 0;           ///< what has a higher one goes first
};

/// What kinds of calls wait for their turn apart from each other.
enum class CallKind { upload, create, other };

/// The right to make one call, for which there may have been a wait of hours. It is given back by its
/// destruction. Taken before the intent of the call is recorded, so that a crash during the wait leaves no
/// doubt behind.
class Turn {
public:
    /// What an implementation keeps for as long as the turn lasts.
    struct Hold {
        virtual ~Hold() = default;
    };
    Turn() = default;
    explicit Turn(std::unique_ptr<Hold> hold) : hold_(std::move(hold)) {}
    Hold* hold() const { return hold_.get(); }

private:
    std::unique_ptr<Hold> hold_;
};

/// Why nothing goes to a provider.
struct Closure {
    FailureKind kind = FailureKind::unavailable;
    std::string reason;  ///< for people
    Millis until{};      ///< Clock::uptime(): when it is tried again, at the earliest
    bool operator==(const Closure&) const = default;
};

/// Where a call is made, and as whom: what was made under one can't be found under another.
struct Identity {
    std::string base_url;
    std::string digest;  ///< of key, organization and project; 12 hexadecimal digits that reveal none of them
    friend bool operator==(const Identity&, const Identity&) = default;
};

/// The port to a batch provider. Every call may throw operation_aborted (cancellation) and nothing else.
///
/// upload(), create() and cancel() have an effect; they are sent once, never repeated inside, and answer
/// `doubt` when nobody can know whether the effect happened. The others change nothing, and answer
/// `unavailable` instead.
class Provider {
public:
    virtual ~Provider() = default;

    /// Whose calls these are now; a reload may change it.
    virtual Identity identity() const = 0;
    /// Work of its own, for a provider that has some; runs until cancelled, or returns at once. `changed` is
    /// called when a look at its batches would show something new.
    virtual boost::asio::awaitable<void> run(std::function<void()> changed);
    /// True where a request that failed in a batch has used up its attempts there.
    virtual bool rows_are_final() const { return false; }
    /// True where its files and batches lie on our own disk: a listing shows all that there is, and a file
    /// that can't be deleted now can be later.
    virtual bool is_on_our_disk() const { return false; }
    /// Whether a batch has to be done within the window that was asked for.
    virtual bool has_window() const { return true; }
    /// What it is doing at this moment, for people, in one line; "" where there is nothing to say.
    virtual std::string activity() const { return {}; }
    /// Why nothing of its work goes on at this moment, for people; "" where it does, or there is none.
    virtual std::string stall() const { return {}; }
    /// Why its server takes none of its work, where that is for people to know; nothing where it does, or
    /// there is none. What changes it is told to run()'s `changed`.
    virtual std::optional<Closure> closure() const { return {}; }
    /// How long its calls took, for whoever records that; nullptr where nobody counts them.
    virtual CallTally* tally() { return nullptr; }
    /// Another key is in use.
    virtual void key_changed() {}
    /// Requests of a batch came back unanswered because the account can't pay, as `refusal`, of the kind
    /// quota, says: as if a create had been refused for it.
    virtual void rows_unpaid(Failure) {}
    /// Takes over those of its settings that are about its own work alone (see Account::can_adjust()).
    virtual void adjust(const config::Provider& settings);
    /// Begins no more work of its own, ever. What is under way has ten seconds to end, and is given up then;
    /// returns when all that was answered is on disk, however long the disk takes. Meanwhile run() has to
    /// run.
    virtual boost::asio::awaitable<void> drain();
    /// Answers to its own requests that are paid for, and not on our disk yet.
    virtual std::uint64_t unsaved() const { return 0; }
    /// Asks for something that is nobody's in particular, a listing of one: is the provider there, and does
    /// it let us in? Any answer in between, `unsupported` and `unavailable` among them, is a failure.
    virtual boost::asio::awaitable<Answer<void>> knock() = 0;
    /// Waits until a call of this kind may be made. The other calls wait by themselves.
    virtual boost::asio::awaitable<Turn> enter(CallKind kind) = 0;

    /// Sends the texts of the row file at `path` as `filename` with purpose "batch". `turn`: of
    /// CallKind::upload.
    virtual boost::asio::awaitable<Answer<FileObject>> upload(Turn turn, Path path, std::string filename) = 0;
    /// What the service says of one file. Errors: as all calls; not_found where there is none of this id.
    virtual boost::asio::awaitable<Answer<FileObject>> retrieve_file(std::string file_id) = 0;
    /// Files with purpose "batch", newest first, up to 100 (fewer where so many are too much at once), after
    /// the file `after` ("": from the newest).
    virtual boost::asio::awaitable<Answer<Page<FileObject>>> list_files(std::string after) = 0;
    /// Writes the content of a file to `path`, durably and only when it is whole (FileWriter). Answers its
    /// size in bytes.
    virtual boost::asio::awaitable<Answer<std::uint64_t>> download(std::string file_id, Path path) = 0;
    /// False where the service answers that it did not delete it. Doing it twice does no harm.
    virtual boost::asio::awaitable<Answer<bool>> delete_file(std::string file_id) = 0;

    /// Makes a batch. `turn` is one of CallKind::create.
    virtual boost::asio::awaitable<Answer<BatchObject>> create(Turn turn, NewBatch batch) = 0;
    /// The batch as it says it is itself: the one word that ends it.
    virtual boost::asio::awaitable<Answer<BatchObject>> retrieve(std::string batch_id) = 0;
    /// All batches of the key's project, likewise. Of a page's validation errors those are kept that fit
    /// into a few MB: what one batch has is in the answer of retrieve().
    virtual boost::asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string after) = 0;
    /// Answers the batch as it is then. What it has answered before is kept, and charged.
    virtual boost::asio::awaitable<Answer<BatchObject>> cancel(std::string batch_id) = 0;
    /// Answers a batch that nobody waits for any longer, because its job was cancelled: who can end it at
    /// once does, and comes back when it has ended. The others have nothing better than retrieve().
    virtual boost::asio::awaitable<Answer<BatchObject>> end_now(std::string batch_id);
};

}  // namespace batchd::provider
