#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/provider.hpp"

namespace batchd::testing {

enum class Call {
    upload,
    retrieve_file,
    list_files,
    download,
    delete_file,
    create,
    retrieve,
    list_batches,
    cancel
};

/// Whether a call that answers a failure has had its effect all the same.
enum class Took { no_effect, effect };

/// What a call was made with: the file name of an upload, the input file of a create, else the id or cursor.
struct MadeCall {
    Call call;
    std::string subject;
    friend bool operator==(const MadeCall&, const MadeCall&) = default;
};

/// A provider in memory. It keeps what it is given, records each call, and fails the calls that it is told
/// to. Its batches stand still until finish() or, with `run_time`, end by themselves with an answer for each
/// row. I/O thread only; `clock` must outlive it.
class FakeProvider final : public provider::Provider {
public:
    explicit FakeProvider(Clock& clock) : clock_(clock) {}

    // --- What it is told to do
    /// The `nth` call of a kind from now on, 1-based, answers `failure`.
    void fail(Call call, unsigned nth, provider::Failure failure, Took took = Took::no_effect);
    /// Every call of a kind answers `failure`, until clear_failures().
    void fail_always(Call call, provider::Failure failure);
    void clear_failures();
    /// Ends a batch: with these lines in its output and error files, none where there are no lines.
    struct Finish {
        std::string status = "completed";
        std::vector<std::string> output{};
        std::vector<std::string> errors{};
        std::vector<provider::ValidationError> refusals{};
    };
    void finish(const std::string& batch_id, const Finish& how);
    /// Ends a batch as completed, each row answered with 200, the last row first.
    void answer_all(const std::string& batch_id);
    void set_status(const std::string& batch_id, const std::string& word);
    /// A batch that somebody made: with our key, or another program on the same account.
    provider::BatchObject& add_batch(const std::string& key, const std::string& input_file_id);
    /// A file that somebody uploaded; its id.
    std::string add_file(std::string filename, std::string content);
    void forget_batch(const std::string& batch_id);
    void forget_file(const std::string& file_id);

    provider::Identity its_identity{"https://api.example/v1", "0123456789ab"};
    std::function<boost::asio::awaitable<void>(provider::CallKind)> before_turn;  ///< waits for the turn
    std::string answer_upload_with;  ///< uploads and creates are answered with the object of this id
    std::string answer_create_with;
    Millis list_lag{0};                     ///< listings show a file or batch when it is that old
    std::map<Call, Millis> latency;         ///< how long a call takes to have its effect
    std::map<Call, Millis> answer_latency;  ///< of upload and create: how long the answer takes behind it
    std::optional<Millis> run_time;         ///< batches end by themselves after it
    std::function<void(Call)> on_call;      ///< before a call does anything
    std::string asked_for;                  ///< during on_call: the call's subject
    std::deque<std::string> bad_downloads;  ///< what the next downloads bring, whatever is asked for
    bool lies_here = false;                 ///< it is on our own disk
    bool hides_sizes = false;               ///< file objects do not say how long they are

    Millis drain_time{0};  ///< how long what is under way takes to end

    // --- What it has seen
    std::vector<provider::Failure> unpaid;  ///< what it was told of requests that it would not be paid for
    unsigned drains = 0;                    ///< how often it was told to begin no more
    std::vector<MadeCall> calls;
    std::size_t count(Call call) const;
    std::size_t count_batches() const { return batches_.size(); }
    std::size_t count_files() const { return files_.size(); }
    provider::BatchObject& batch(const std::string& batch_id);
    /// The id of the `nth` batch or file that was made, 1-based.
    std::string batch_id(std::size_t nth) const { return batches_.at(nth - 1).id; }
    std::string file_id(std::size_t nth) const { return files_.at(nth - 1).object.id; }
    const std::string& content(const std::string& file_id) const;
    /// Batches that run, or have run to an end that is paid for.
    std::size_t count_paid() const;

    provider::Identity identity() const override { return its_identity; }
    void rows_unpaid(provider::Failure refusal) override { unpaid.push_back(std::move(refusal)); }
    bool is_on_our_disk() const override { return lies_here; }
    boost::asio::awaitable<provider::Answer<void>> knock() override { co_return provider::Answer<void>(); }
    boost::asio::awaitable<provider::Turn> enter(provider::CallKind kind) override;
    boost::asio::awaitable<void> drain() override;
    boost::asio::awaitable<provider::Answer<provider::FileObject>> upload(provider::Turn turn, Path path,
                                                                          std::string filename) override;
    boost::asio::awaitable<provider::Answer<provider::FileObject>> retrieve_file(
        std::string file_id) override;
    boost::asio::awaitable<provider::Answer<provider::Page<provider::FileObject>>> list_files(
        std::string after) override;
    boost::asio::awaitable<provider::Answer<std::uint64_t>> download(std::string file_id, Path path) override;
    boost::asio::awaitable<provider::Answer<bool>> delete_file(std::string file_id) override;
    boost::asio::awaitable<provider::Answer<provider::BatchObject>> create(provider::Turn turn,
                                                                           provider::NewBatch batch) override;
    boost::asio::awaitable<provider::Answer<provider::BatchObject>> retrieve(std::string batch_id) override;
    boost::asio::awaitable<provider::Answer<provider::Page<provider::BatchObject>>> list_batches(
        std::string after) override;
    boost::asio::awaitable<provider::Answer<provider::BatchObject>> cancel(std::string batch_id) override;

private:
    struct File {
        provider::FileObject object;
        std::string content;
    };
    struct Fault {
        provider::Failure failure;
        Took took = Took::no_effect;
    };

    boost::asio::awaitable<std::optional<Fault>> enter(Call call, std::string subject);
    std::string store_lines(const std::vector<std::string>& lines);
    void end_what_has_run();
    bool is_listed(TimePoint created_at) const { return created_at + list_lag <= clock_.now(); }

    Clock& clock_;
    std::vector<File> files_;                              // the oldest first
    std::vector<provider::BatchObject> batches_;           // the oldest first
    std::map<Call, std::map<std::size_t, Fault>> faults_;  // by number of the call, 1-based
    std::map<Call, Fault> lasting_faults_;
    unsigned files_made_ = 0;
    unsigned batches_made_ = 0;
};

/// A row of an output file, answered with `status_code`.
std::string result_row(std::string_view custom_id, unsigned status_code = 200);
/// A row of an error file that never ran: "batch_expired", "batch_cancelled".
std::string error_row(std::string_view custom_id, std::string_view code);
/// A failure of a kind, with a message: the page of something on the way.
provider::Failure failure(provider::FailureKind kind);
/// The same as the provider's own error object.
provider::Failure in_own_words(provider::FailureKind kind);

}  // namespace batchd::testing
