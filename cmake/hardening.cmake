# Hardening of release builds. docs/security.md lists its costs: "How the programs are built".
# Debug builds stay easy to debug; the sanitizers check more than all of this.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

set(MKPXERD_PROGRAM_LINK "")     # of mkpxerd
set(MKPXERD_STATIC_LINK -static) # of the programs that boot
if(NOT MKPXERD_HARDEN OR MKPXERD_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  return()
endif()

# -U first: some distributions set a lower value in the compiler itself, and redefining it is a warning.
# Programs get a different address in each run. CMake's own POSITION_INDEPENDENT_CODE would compile the rooms for shared
# libraries, which they are not.
set(hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fPIE)
foreach(flag -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
    -fcf-protection=full -mbranch-protection=standard) # the last two: x86, arm64
  string(MAKE_C_IDENTIFIER "MKPXERD_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    list(APPEND hardening ${flag})
  endif()
endforeach()
target_compile_options(mkpxerd_flags INTERFACE ${hardening})
target_link_options(mkpxerd_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
set(MKPXERD_PROGRAM_LINK -pie)

# /init as well, if the static libraries were compiled for it, like those of Debian and Alpine.
check_linker_flag(CXX -static-pie MKPXERD_HAS_STATIC_PIE)
if(MKPXERD_HAS_STATIC_PIE)
  set(MKPXERD_STATIC_LINK -static-pie)
  check_linker_flag(CXX "-static-pie;-Wl,-z,pack-relative-relocs" MKPXERD_HAS_PACKED_RELOCATIONS)
  if(MKPXERD_HAS_PACKED_RELOCATIONS)
    list(APPEND MKPXERD_STATIC_LINK -Wl,-z,pack-relative-relocs)
  endif()
endif()
