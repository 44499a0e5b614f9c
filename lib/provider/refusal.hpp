#pragma once

#include "provider/calls/call_tally.hpp"
#include "provider/provider.hpp"

/// What a refusal of access is about: one request, one kind of calls, or the key. Decided from values alone.
namespace batchd::provider {

/// True for a refusal after which something neutral is to be asked with the same key: a 403 always, a 401 of
/// a call that changes something, which a key that may only look is refused as well, or of a list.
bool is_access_in_question(const Failure& refusal, Operation operation);

/// How far a refusal of access reaches: to all calls, those of its lane, or no other call at all.
enum class Reach { all, lane, call };

struct Judgement {
    Failure failure;  ///< the refusal, with the kind that it turned out to have
    Reach reach = Reach::all;
};

/// `neutral`: what Provider::knock() answered after the refusal. Where the key is good, a 403 is about what
/// was asked (refused), but one for want of a permission of the key, and a 401, are about calls of that kind.
/// A key that may not delete or cancel is no reason to stop polls and downloads, which share their lane: a
/// deletion is refused for good, for nothing of ours waits for it, and a cancel is made again, row by row. A
/// list that it may not see is as good as none (unsupported).
Judgement judge(Failure refusal, Operation operation, const Answer<void>& neutral);

}  // namespace batchd::provider
