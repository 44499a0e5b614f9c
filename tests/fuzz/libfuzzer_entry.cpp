#include <cstddef>
#include <cstdint>

#include "fuzz/target.hpp"

/// What libFuzzer calls. BATCHD_FUZZ_TARGET is the name of the target. Source:
/// https://llvm.org/docs/LibFuzzer.html#fuzz-target
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    batchd::fuzz::BATCHD_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
