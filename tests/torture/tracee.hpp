#pragma once

#include <string>

#include "torture/system_call.hpp"

/// What a stopped thread is about to do, read out of its registers and memory.
namespace batchd::torture {

/// The call at which the thread stands: before it is made. Throws std::system_error when the thread is gone.
Call read_call(pid_t thread);
/// What the call that has just been made returned.
std::int64_t read_answer(pid_t thread);
/// Instead of making the call, the kernel is to return -`error`.
void answer_with_error(pid_t thread, int error);
/// The call's third argument, a size.
void change_size(pid_t thread, std::uint64_t size);

}  // namespace batchd::torture
