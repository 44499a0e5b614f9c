#include "engine/look/batch_survey.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::BatchObject;
using OnRecord = BatchSurvey::OnRecord;

const TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

BatchObject object(const std::string& id, const std::string& mark, const std::string& file,
                   TimePoint created_at = kNow) {
    BatchObject batch;
    batch.id = id;
    batch.input_file_id = file;
    batch.created_at = created_at;
    if (!mark.empty()) batch.metadata["batchd_key"] = mark;
    return batch;
}

/// A look for what was made in the last hour, with one batch of ours in flight.
struct BatchSurveyTest : ::testing::Test {
    BatchSurvey::Question question{
        .in_flight = {{"known", "known-key", "known-file", "account", kNow - 10min}},
        .answered = {},
        .since = kNow - 1h,
        .now = kNow};
    BatchObject known = object("known", "known-key", "known-file", kNow - 10min);

    /// The proof that one page with these items is, and the listing's end behind it.
    Proof proof_of(const std::vector<BatchObject>& items, Extent extent = Extent::whole,
                   std::uint64_t unreadable = 0) {
        BatchSurvey survey(question);
        for (const BatchObject& item : items)
            survey.see(item, item.id == "known" || item.id == "ended" ? OnRecord::yes : OnRecord::no);
        survey.end_page(unreadable);
        survey.end(extent);
        return survey.proof();
    }
};

TEST_F(BatchSurveyTest, ProvesAnAbsenceOnlyWhereItShowsWhatWeKnowWithItsMark) {
    EXPECT_EQ(proof_of({known}), Proof::positive);
    EXPECT_EQ(proof_of({}), Proof::none) << "it hides what exists";
    EXPECT_EQ(proof_of({object("foreign", "", "another")}), Proof::none);
    EXPECT_EQ(proof_of({object("known", "", "known-file")}), Proof::positive) << "known by its file";
    EXPECT_EQ(proof_of({object("known", "known-key", "renamed")}), Proof::positive) << "known by its mark";
    EXPECT_EQ(proof_of({object("known", "", "renamed")}), Proof::none) << "such a listing can't show a mark";
    EXPECT_EQ(proof_of({object("known", "", "")}), Proof::none);
    EXPECT_EQ(proof_of({object("known", "mangled", "renamed")}), Proof::none);
}

TEST_F(BatchSurveyTest, TellsWhetherItShowsABatchThatIsOnRecord) {
    BatchSurvey survey(question);
    survey.see(known, OnRecord::yes);
    survey.see(object("foreign", "", "another"), OnRecord::no);
    EXPECT_TRUE(survey.shows_on_record("known"));
    EXPECT_FALSE(survey.shows_on_record("foreign"));
}

TEST_F(BatchSurveyTest, ProvesNothingWhereItHidesWhatACreateIsKnownToHaveMade) {
    question.in_flight.clear();
    question.answered = {{"", "its-key", "its-file", "", kNow - 10min}};
    EXPECT_EQ(proof_of({}), Proof::none);
    EXPECT_EQ(proof_of({object("other", "", "renamed")}), Proof::none);
    EXPECT_EQ(proof_of({object("other", "its-key", "renamed")}), Proof::vacuous);
    EXPECT_EQ(proof_of({object("other", "", "its-file")}), Proof::vacuous);
}

TEST_F(BatchSurveyTest, ProvesNothingWhereItWasNotSeenWholeOrCannotBeRead) {
    EXPECT_EQ(proof_of({known}, Extent::cut_short), Proof::none);
    EXPECT_EQ(proof_of({known}, Extent::whole, 1), Proof::none);
    EXPECT_EQ(proof_of({known}, Extent::enough), Proof::positive);
}

TEST_F(BatchSurveyTest, WithNothingInFlightOnlyWhatIsOnRecordSpeaksForIt) {
    question.in_flight.clear();
    EXPECT_EQ(proof_of({}), Proof::vacuous);
    EXPECT_EQ(proof_of({object("foreign", "", "another")}), Proof::vacuous);
    EXPECT_EQ(proof_of({object("ended", "its-key", "its-file")}), Proof::positive);
    EXPECT_EQ(proof_of({object("ended", "", "its-file")}), Proof::vacuous) << "without its mark";
}

TEST_F(BatchSurveyTest, ForAnotherAccountOnlyABatchOfThatAccountIsAProof) {
    BatchSurvey survey(question);
    survey.see(known, OnRecord::yes);
    survey.end(Extent::whole);
    EXPECT_EQ(survey.proof_for("account", "account"), Proof::positive);
    EXPECT_EQ(survey.proof_for("account", "rotated key"), Proof::positive) << "it sees that account's batch";
    EXPECT_EQ(survey.proof_for("older key", "account"), Proof::none);
    EXPECT_EQ(survey.proof_for("", "account"), Proof::positive) << "of a database that did not know accounts";
}

TEST_F(BatchSurveyTest, FindsByMarkAndByFileWhatIsNotOnRecord) {
    BatchSurvey survey(question);
    survey.see(object("by-mark", "k", "another"), OnRecord::no);
    survey.see(object("by-file", "", "file"), OnRecord::no);
    survey.see(object("theirs", "other", "file"), OnRecord::no);
    survey.see(object("ended", "k", "file"), OnRecord::yes);
    survey.see(object("ours, long ago", "k", "file", kNow - 24h * 90), OnRecord::no);
    std::vector<std::string> ids;
    for (const BatchObject& found : survey.find("k", "file")) ids.push_back(found.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"by-mark", "ours, long ago", "by-file"}));
    EXPECT_TRUE(survey.find("nobody's", "").empty());
}

TEST_F(BatchSurveyTest, NotesWhatShowsNothingOfItself) {
    BatchSurvey survey(question);
    BatchObject nameless = object("nameless", "", "");
    BatchObject chat = object("chat", "", "");
    chat.endpoint = "/v1/chat/completions";
    survey.see(nameless, OnRecord::no);
    survey.see(chat, OnRecord::no);
    survey.see(object("old", "", "", kNow - 24h * 90), OnRecord::no);
    survey.see(object("ended", "", ""), OnRecord::yes);
    EXPECT_EQ(survey.nameless("/v1/embeddings"), std::vector<std::string>{"nameless"});
    EXPECT_EQ(survey.nameless("/v1/chat/completions"), (std::vector<std::string>{"nameless", "chat"}));
}

struct PageCase {
    const char* what;
    std::vector<Millis> ages;  // of the items, in their order
    Visit last;                // what is said after the last page
};

TEST_F(BatchSurveyTest, EndsOnlyBehindAWholePageFromBeforeInAListingThatIsInOrder) {
    const Millis old = 24h * 90;
    const PageCase cases[] = {
        {"new", {0s, 1s}, Visit::go_on},
        {"in order, the last page partly old", {0s, 1s, 2s, old}, Visit::go_on},
        {"in order, the last page old", {0s, 1s, old, old + 1s}, Visit::enough},
        {"all of one time", {old, old, old, old}, Visit::go_on},
        {"oldest first", {old + 3s, old + 2s, old + 1s, old}, Visit::go_on},
        {"one out of order", {0s, old, 1s, 2s, old, old}, Visit::go_on},
    };
    for (const PageCase& c : cases) {
        BatchSurvey survey(question);
        Visit said = Visit::go_on;
        for (std::size_t i = 0; i < c.ages.size(); ++i) {
            survey.see(object(std::to_string(i), "", "x", kNow - c.ages[i]), OnRecord::no);
            if (i % 2 == 1) said = survey.end_page(0);
        }
        EXPECT_EQ(said, c.last) << c.what;
    }
}

TEST_F(BatchSurveyTest, KeepsNothingOfOthersBatchesThatNobodyAsksFor) {
    BatchSurvey survey(question);
    BatchObject marked = object("marked", "key", "file"), plain = object("plain", "", "file");
    for (BatchObject* const batch : {&marked, &plain}) {
        batch->errors.resize(1000);
        batch->metadata["somebody"] = std::string(512, 'x');
        batch->status_word = "failed";
        survey.see(*batch, OnRecord::no);
    }
    const auto found = survey.find("key", "file");
    ASSERT_EQ(found.size(), 2U);
    for (const BatchObject& batch : found) {
        EXPECT_EQ(batch.errors.capacity(), 0U);
        EXPECT_FALSE(batch.metadata.contains("somebody"));
        EXPECT_EQ(batch.status_word, "failed");
    }
    EXPECT_EQ(found[0].metadata.at("batchd_key"), "key");
}

}  // namespace
}  // namespace batchd::engine
