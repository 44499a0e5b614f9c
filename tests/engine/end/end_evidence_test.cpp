#include "engine/end/end_evidence.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using jsonl::Unanswered;
using provider::BatchStatus;

/// Ten requests were sent.
EndLook look_at(BatchStatus status, std::uint64_t missing) {
    EndLook look;
    look.status = status;
    look.missing = missing;
    look.ran = 10 - missing;
    look.told_completed = look.ran;
    look.output_file_id = "file-1";
    return look;
}

constexpr EndDecision kLookAgain{Conclusion::look_again, Unanswered::lost};
constexpr EndDecision kLost{Conclusion::take, Unanswered::lost};

/// Calls visit(look, before, terms) for every combination of what can be seen.
template <class Visit>
void each_case(Visit visit) {
    for (const auto status : {BatchStatus::validating, BatchStatus::in_progress, BatchStatus::finalizing,
                              BatchStatus::completed, BatchStatus::failed, BatchStatus::expired,
                              BatchStatus::cancelling, BatchStatus::cancelled, BatchStatus::unknown})
        for (unsigned bits = 0; bits < 1024; ++bits) {
            const auto bit = [&](unsigned nth) { return (bits >> nth & 1U) != 0; };
            EndLook look = look_at(status, bit(0) ? 4 : 0);
            look.files_are_whole = bit(1);
            look.nameless = bit(2) ? 1 : 0;
            if (bit(3)) look.told_completed = 10;
            if (bit(4)) look.output_file_id.clear();
            if (bit(9)) look.told_completed = 0;
            std::optional<EndLook> before;
            if (bit(5)) before = look;
            visit(look, before, EndTerms{bit(6), bit(7), bit(8)});
        }
}

TEST(EndEvidenceTest, WhatHasEveryLineIsTakenWhateverElseIsSaid) {
    each_case([](const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms) {
        if (look.missing > 0) return;
        EXPECT_EQ(decide_end(look, before, terms).conclusion, Conclusion::take);
    });
}

TEST(EndEvidenceTest, NothingIsSentAgainThatMayHaveRun) {
    each_case([](const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms) {
        const EndDecision decision = decide_end(look, before, terms);
        if (look.missing == 0 || decision != EndDecision{Conclusion::take, Unanswered::retry}) return;
        EXPECT_TRUE(look.status == BatchStatus::expired || look.status == BatchStatus::failed ||
                    look.status == BatchStatus::cancelled);
        EXPECT_TRUE(look.files_are_whole);
        EXPECT_EQ(look.nameless, 0U);
        EXPECT_LE(look.told_completed, look.ran);
        if (look.status != BatchStatus::failed && !terms.patience_is_over) {
            EXPECT_EQ(look.told_completed + look.told_failed, look.ran)
                << "the provider counts what it shows";
        }
        EXPECT_TRUE(before == look || terms.patience_is_over) << "two looks that agree, or no more time";
        EXPECT_FALSE(terms.cancelled);
        EXPECT_FALSE(terms.ended_by_us);
    });
}

TEST(EndEvidenceTest, NoAnswerIsCalledLostBeforeThePatienceIsOver) {
    each_case([](const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms) {
        if (look.missing == 0 || terms.patience_is_over) return;
        EXPECT_NE(decide_end(look, before, terms), kLost);
    });
}

TEST(EndEvidenceTest, AfterThePatienceNothingIsLookedAtAgain) {
    each_case([](const EndLook& look, const std::optional<EndLook>& before, EndTerms terms) {
        terms.patience_is_over = true;
        EXPECT_NE(decide_end(look, before, terms).conclusion, Conclusion::look_again);
    });
}

TEST(EndEvidenceTest, OnlyAnEndThatTheProviderSaidItselfCanBeTakenBack) {
    each_case([](const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms) {
        const bool back = decide_end(look, before, terms).conclusion == Conclusion::taken_back;
        EXPECT_EQ(back, look.missing > 0 && !terms.ended_by_us && !provider::is_terminal(look.status));
    });
}

TEST(EndEvidenceTest, ACompletedBatchOwesALineForEachRequest) {
    const EndLook look = look_at(BatchStatus::completed, 1);
    EXPECT_EQ(decide_end(look, {}, {}), kLookAgain);
    EXPECT_EQ(decide_end(look, look, {}), kLookAgain) << "however often it says the same";
    EXPECT_EQ(decide_end(look, look, {.patience_is_over = true}), kLost);
    EXPECT_EQ(decide_end(look, look, {.patience_is_over = true, .cancelled = true}), kLost);
}

TEST(EndEvidenceTest, AnExpiredBatchOwesNoMoreThanItCounts) {
    for (const auto status : {BatchStatus::expired, BatchStatus::cancelled, BatchStatus::failed}) {
        EndLook look = look_at(status, 4);
        EXPECT_EQ(decide_end(look, {}, {}), kLookAgain);
        EXPECT_EQ(decide_end(look, look, {}), (EndDecision{Conclusion::take, Unanswered::retry}));
        EXPECT_EQ(decide_end(look, look, {.cancelled = true}),
                  (EndDecision{Conclusion::take, Unanswered::give_up}));
        EndLook earlier = look;
        earlier.output_file_id.clear();
        EXPECT_EQ(decide_end(look, earlier, {}), kLookAgain) << "its files have just come";
        look.told_completed = 7;
        EXPECT_EQ(decide_end(look, look, {}), kLookAgain);
        EXPECT_EQ(decide_end(look, look, {.patience_is_over = true}), kLost);
    }
}

TEST(EndEvidenceTest, APartOfTheAnswersDoesNotSayThatThereAreNoMore) {
    for (const auto status : {BatchStatus::expired, BatchStatus::cancelled}) {
        EndLook look = look_at(status, 4);
        look.told_completed = 0;  // its counts come late as well, or never
        EXPECT_EQ(decide_end(look, look, {}), kLookAgain);
        EXPECT_EQ(decide_end(look, look, {.patience_is_over = true}),
                  (EndDecision{Conclusion::take, Unanswered::retry}));
        EXPECT_EQ(decide_end(look, look, {.cancelled = true}), kLookAgain);
        EXPECT_EQ(decide_end(look, look, {.waited_a_while = true, .cancelled = true}),
                  (EndDecision{Conclusion::take, Unanswered::give_up}));
        look.told_failed = 6;  // by its own count nothing else ran
        EXPECT_EQ(decide_end(look, look, {}), (EndDecision{Conclusion::take, Unanswered::retry}));
    }
}

TEST(EndEvidenceTest, ALineThatNamesNobodyMayBeAnybodys) {
    EndLook look = look_at(BatchStatus::expired, 4);
    look.nameless = 1;
    EXPECT_EQ(decide_end(look, look, {}), kLookAgain);
    EXPECT_EQ(decide_end(look, look, {.patience_is_over = true}), kLost);
}

TEST(EndEvidenceTest, WhatWeEndedOurselvesIsTakenAsItIs) {
    const EndLook look = look_at(BatchStatus::cancelling, 4);
    EXPECT_EQ(decide_end(look, {}, {.cancelled = true, .ended_by_us = true}),
              (EndDecision{Conclusion::take, Unanswered::give_up}));
}

TEST(EndEvidenceTest, SaysWhatItWaitsFor) {
    EndLook look = look_at(BatchStatus::completed, 1);
    EXPECT_EQ(why_look_again(look), "it has ended; 1 request has no line yet");
    look.told_completed = 10;
    EXPECT_EQ(why_look_again(look), "the provider counts 10 answers and shows 9");
    look.output_file_id.clear();
    EXPECT_EQ(why_look_again(look), "it has ended, and names no result files yet");
    look.files_are_whole = false;
    EXPECT_EQ(why_look_again(look), "its result files are not whole yet; 1 request has no line yet");
}

}  // namespace
}  // namespace batchd::engine
