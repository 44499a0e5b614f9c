#include "store/states.hpp"

#include <set>

#include <gtest/gtest.h>

namespace batchd::store {
namespace {

TEST(JobStatesTest, AllowEveryListedChangeAndNoOther) {
    using J = JobState;
    const std::set<std::pair<J, J>> legal{
        {J::claimed, J::planned},    {J::claimed, J::rejected},     {J::planned, J::running},
        {J::planned, J::delivering}, {J::running, J::delivering},   {J::delivering, J::done},
        {J::delivering, J::failed},  {J::delivering, J::cancelled}, {J::claimed, J::delivering}};
    for (const J from : kJobStates)
        for (const J to : kJobStates)
            EXPECT_EQ(may_change(from, to), legal.contains({from, to}))
                << to_string(from) << " to " << to_string(to);
}

TEST(JobStatesTest, NothingLeavesAFinalState) {
    for (const JobState from : kJobStates) {
        bool leaves = false;
        for (const JobState to : kJobStates) leaves = leaves || may_change(from, to);
        EXPECT_EQ(leaves, !is_final(from)) << to_string(from);
    }
}

TEST(BatchPhasesTest, AllowEveryListedChangeAndNoOther) {
    using B = BatchPhase;
    const std::set<std::pair<B, B>> legal{
        {B::planned, B::ended},      {B::uploaded, B::ended},    {B::planned, B::uploading},
        {B::uploading, B::uploaded}, {B::uploading, B::planned}, {B::uploading, B::ended},
        {B::uploaded, B::creating},  {B::uploaded, B::planned},  {B::creating, B::watching},
        {B::creating, B::uploaded},  {B::creating, B::ended},    {B::watching, B::ended},
        {B::ended, B::watching},     {B::ended, B::collected}};
    for (const B from : kBatchPhases)
        for (const B to : kBatchPhases)
            EXPECT_EQ(may_change(from, to), legal.contains({from, to}))
                << to_string(from) << " to " << to_string(to);
}

TEST(StateNamesTest, AreReadBackAsWhatTheyName) {
    for (const JobState state : kJobStates) EXPECT_EQ(parse_job_state(to_string(state)), state);
    for (const BatchPhase phase : kBatchPhases) EXPECT_EQ(parse_batch_phase(to_string(phase)), phase);
    EXPECT_FALSE(parse_job_state("Done"));
    EXPECT_FALSE(parse_batch_phase(""));
}

}  // namespace
}  // namespace batchd::store
