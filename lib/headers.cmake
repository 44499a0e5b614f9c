# Each header compiled alone, and twice: it includes what it needs, whoever includes it first. Not built by default, for it
# takes minutes:  cmake --build --preset dev --target headers
add_custom_target(headers)

# batchd_compiled_headers(TARGET PREFIX): those of the current folder, which users of TARGET include as PREFIX/NAME. They
# are looked for, against the custom of this tree: what is in no list can't be forgotten in it.
function(batchd_compiled_headers target prefix)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "*.hpp")
  foreach(header ${headers})
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${prefix}/${header}\"\n#include \"${prefix}/${header}\"\n")
    list(APPEND sources "${source}")
  endforeach()
  add_library(${target}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
  set_target_properties(${target}_headers PROPERTIES UNITY_BUILD OFF)
  target_compile_options(${target}_headers PRIVATE -O0 -g0)
  # With what TARGET itself is compiled with: some headers are for its own sources only, and include a private library's.
  target_include_directories(${target}_headers PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_link_libraries(${target}_headers PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  add_dependencies(headers ${target}_headers)
endfunction()
