# What is shipped is small: a daemon that waits for a day holds in memory what it has of its own code there. Functions that
# nobody calls are left out, and -O3, which CMake takes for a release, copies functions into their callers that are called
# once a day.
set(optimized "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
add_compile_options("$<$<CONFIG:Release>:-O2>" "$<${optimized}:-ffunction-sections;-fdata-sections>")
add_link_options("$<${optimized}:-Wl,--gc-sections>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # At -O2, GCC 12 takes the memory of coroutines for what another function has allocated.
  add_compile_options("$<$<CONFIG:Release>:-Wno-mismatched-new-delete>")
endif()
