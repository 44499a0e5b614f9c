#include "provider/refusal.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

Failure refusal(unsigned status, std::string message = "no") {
    Failure made;
    made.kind = FailureKind::unauthorized;
    made.http_status = status;
    made.message = std::move(message);
    return made;
}

Answer<void> neutral(FailureKind kind) {
    Failure made;
    made.kind = kind;
    return made;
}

TEST(RefusalTest, AForbiddenCallIsAlwaysInQuestionAndARefusedKeyWhereOnlyLooksMayBeAllowed) {
    EXPECT_TRUE(is_access_in_question(refusal(403), Operation::retrieve));
    EXPECT_TRUE(is_access_in_question(refusal(403), Operation::create));
    EXPECT_TRUE(is_access_in_question(refusal(401), Operation::create));
    EXPECT_TRUE(is_access_in_question(refusal(401), Operation::upload));
    EXPECT_FALSE(is_access_in_question(refusal(401), Operation::retrieve));
    Failure other = refusal(403);
    other.kind = FailureKind::refused;
    EXPECT_FALSE(is_access_in_question(other, Operation::create));
}

TEST(RefusalTest, WhereTheKeyIsGoodAForbiddenCallIsAboutWhatWasAsked) {
    const auto judged = judge(refusal(403, "model x is not for you"), Operation::create, Answer<void>());
    EXPECT_EQ(judged.failure.kind, FailureKind::refused);
    EXPECT_EQ(judged.failure.message, "model x is not for you");
}

TEST(RefusalTest, WhereTheKeyIsGoodForLooksOnlyOneKindOfCallsIsClosed) {
    for (const Failure& why :
         {refusal(401), refusal(403, "You have insufficient permissions for this operation."),
          refusal(403, "Missing scopes: api.batch.write")}) {
        const auto judged = judge(why, Operation::create, Answer<void>());
        EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized) << why.message;
        EXPECT_EQ(judged.reach, Reach::lane) << why.message;
    }
}

TEST(RefusalTest, WhereTheNeutralCallIsRefusedAsWellTheKeyIs) {
    for (const unsigned status : {401U, 403U}) {
        const auto judged = judge(refusal(status), Operation::create, neutral(FailureKind::unauthorized));
        EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized) << status;
        EXPECT_EQ(judged.reach, Reach::all) << status;
    }
}

TEST(RefusalTest, WhatNobodyCanTellClosesNothingForAll) {
    for (const auto kind :
         {FailureKind::unavailable, FailureKind::unreachable, FailureKind::rate_limited, FailureKind::local})
        EXPECT_EQ(judge(refusal(403), Operation::create, neutral(kind)).failure.kind,
                  FailureKind::unavailable)
            << to_string(kind);
    const auto judged = judge(refusal(403), Operation::create, neutral(FailureKind::unsupported));
    EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized);
    EXPECT_EQ(judged.reach, Reach::lane);
}

const char* const kMissing = "You have insufficient permissions for this operation. Missing scopes: x";

TEST(RefusalTest, ADeletionThatTheKeyMayNotMakeIsRefusedForGoodAndClosesNothing) {
    for (const unsigned status : {401U, 403U}) {
        EXPECT_TRUE(is_access_in_question(refusal(status), Operation::delete_file)) << status;
        const auto judged = judge(refusal(status, kMissing), Operation::delete_file, Answer<void>());
        EXPECT_EQ(judged.failure.kind, FailureKind::refused) << status;
    }
    // Where nobody can tell it is tried again, and holds up nobody.
    const auto judged = judge(refusal(403), Operation::delete_file, neutral(FailureKind::unsupported));
    EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized);
    EXPECT_EQ(judged.reach, Reach::call);
    EXPECT_EQ(judge(refusal(401), Operation::delete_file, neutral(FailureKind::unauthorized)).reach,
              Reach::all);
}

TEST(RefusalTest, ACancelThatTheKeyMayNotMakeIsTriedAgainAndClosesNothing) {
    for (const unsigned status : {401U, 403U}) {
        const auto judged = judge(refusal(status, kMissing), Operation::cancel, Answer<void>());
        EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized) << status;
        EXPECT_EQ(judged.reach, Reach::call) << status;
    }
}

TEST(RefusalTest, AListThatAGoodKeyMayNotSeeIsAsGoodAsNone) {
    for (const Failure& why :
         {refusal(401), refusal(403, "Only admins may list batches"), refusal(403, kMissing)}) {
        EXPECT_TRUE(is_access_in_question(why, Operation::list)) << why.message;
        const auto judged = judge(why, Operation::list, Answer<void>());
        EXPECT_EQ(judged.failure.kind, FailureKind::unsupported) << why.message;
        EXPECT_EQ(judged.reach, Reach::call) << why.message;
        EXPECT_NE(judged.failure.message.find("may not see the list: " + why.message), std::string::npos);
    }
    const auto judged = judge(refusal(401), Operation::list, neutral(FailureKind::unauthorized));
    EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized);
    EXPECT_EQ(judged.reach, Reach::all);
}

TEST(RefusalTest, ALookThatTheKeyMayNotMakeIsAboutAllLooks) {
    const auto judged = judge(refusal(403, kMissing), Operation::retrieve, Answer<void>());
    EXPECT_EQ(judged.failure.kind, FailureKind::unauthorized);
    EXPECT_EQ(judged.reach, Reach::lane);
}

}  // namespace
}  // namespace batchd::provider
