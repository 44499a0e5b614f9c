# What Debian builds its own packages with, for the optimized builds: position-independent executables, read-only
# relocations, checked buffers, guarded stacks. Source: dpkg-buildflags(1), hardening=+all.
include(CheckCXXCompilerFlag)

set(optimized "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
add_compile_options("$<${optimized}:-fPIE;-fstack-protector-strong;-Wformat;-Werror=format-security>")
foreach(flag -fstack-clash-protection -fcf-protection)
  string(MAKE_C_IDENTIFIER "BATCHD_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    add_compile_options("$<${optimized}:${flag}>")
  endif()
endforeach()
# Undefined first, for compilers that define it themselves.
add_compile_options("$<${optimized}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
add_link_options("$<${optimized}:-pie;-Wl,-z,relro;-Wl,-z,now>")
# No path of the building machine in what is shipped.
add_compile_options("$<${optimized}:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>")
