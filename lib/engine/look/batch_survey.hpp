#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/look/listing.hpp"
#include "engine/look/look_back.hpp"
#include "provider/provider.hpp"

namespace batchd::engine {

/// Between the provider's clock and ours.
inline constexpr auto kClockMargin = std::chrono::hours(1);

/// A batch of ours that is in flight, as the database knows it: a listing has to show it.
struct KnownBatch {
    std::string batch_id;
    std::string key;
    std::string input_file_id;
    std::string account;  ///< digest of the account that it was last seen in
    TimePoint submitted_at{};
};

/// What it is worth that a batch is not in a listing.
enum class Proof {
    none,     ///< the listing was not seen whole, or hides what exists: it proves nothing
    vacuous,  ///< nothing speaks against it, and nothing for it: it shows no batch that we know
    positive  ///< it shows our batches, with our marks
};

/// What the provider's listing of batches showed in one walk. It settles all doubts at once, and says what
/// its silence about a batch is worth. Pure: it is fed item by item.
class BatchSurvey {
public:
    struct Question {
        std::vector<KnownBatch> in_flight;  ///< submitted so long ago that a listing must show them
        /// Of creates that were answered with success, and so long ago that a listing must show what they
        /// made; only their keys and files are known.
        std::vector<KnownBatch> answered{};
        TimePoint since{};  ///< what is looked for was made after this, by our clock
        TimePoint now{};
    };
    /// Not seen yet: until end() was called it proves nothing.
    explicit BatchSurvey(Question question);

    enum class OnRecord { no, yes };
    /// The next item, newest first. `on_record`: the database has a batch of this id.
    void see(const provider::BatchObject& batch, OnRecord on_record);
    /// After each page: enough once a whole page was from before `since`, in a listing that has been in order
    /// of time until then.
    Visit end_page(std::uint64_t unreadable);
    /// The walk is over. Without it the listing counts as cut short.
    void end(Extent extent) { extent_ = extent; }

    /// Batches that are not on record and bear this mark or, where they bear none, are made of this file;
    /// newest first.
    std::vector<provider::BatchObject> find(const std::string& key, const std::string& input_file_id) const;
    /// Only of what was on record when it was seen.
    bool shows_on_record(const std::string& batch_id) const { return on_record_.contains(batch_id); }
    /// Batches that are not on record, bear a mark of ours, and are named as those are that several jobs
    /// share.
    std::vector<provider::BatchObject> shared() const;
    /// True where batches of files that are not known were shown without a mark.
    bool shows_unmarked() const { return !by_file_.empty(); }
    /// Ids of batches that are not on record and show neither mark nor file: they may be anybody's.
    std::vector<std::string> nameless(const std::string& endpoint) const;

    /// Batches that are not on record, bear no mark of ours, and could by their endpoint, their number of
    /// requests and their time be what a create of `intent_at` made: there are gateways that drop the mark
    /// and give files other ids.
    struct Asked {
        std::string endpoint;
        std::uint64_t requests = 0;
        TimePoint intent_at{};
    };
    std::vector<provider::BatchObject> unmarked(const Asked& asked) const;

    /// It was read as far as it had to be, and every entry of it.
    bool is_whole() const { return extent_ != Extent::cut_short && unreadable_ == 0; }
    Proof proof() const;
    /// As proof(), for what was made under another account than the one that was asked: only a batch made
    /// under the same one proves that the listing is about it.
    Proof proof_for(const std::string& account, const std::string& asked) const;
    /// For people: why the listing proves nothing.
    std::string why_no_proof() const;

private:
    struct Shown {
        std::size_t index = 0;  ///< in `in_flight`
        bool shown = false;
        bool recognised = false;  ///< with its mark, or made of its file
    };
    struct Nameless {
        std::string id;
        std::string endpoint;
    };
    /// Not const: the first item tells how the provider's clock stands to ours.
    bool is_from_before(const provider::BatchObject& batch);
    /// Whether the walk went far enough back to have to show it.
    bool is_due(const KnownBatch& known) const;
    /// One that was answered with success and is not shown; null where all are.
    const KnownBatch* missing_answered() const;

    Question question_;
    LookBack look_back_;
    std::map<std::string, Shown> known_;  // by batch id
    std::set<std::string> on_record_;
    std::map<std::string, std::vector<provider::BatchObject>> by_mark_;
    std::map<std::string, std::vector<provider::BatchObject>> by_file_;
    std::vector<Nameless> nameless_;
    std::optional<TimePoint> last_;
    bool falls_ = false;       // somewhere a later item is older
    bool rises_ = false;       // somewhere a later item is newer: not in order
    bool page_is_old_ = true;  // all of the page at hand is from before
    bool page_has_items_ = false;
    bool shows_ours_ = false;  // some batch on record, with a mark
    std::uint64_t unreadable_ = 0;
    Extent extent_ = Extent::cut_short;
};

}  // namespace batchd::engine
