# A room of a program is a library that names the rooms it uses; tests/lint/layers.sh checks the same of includes.
#
# mkpxerd_room(PROGRAM ROOM SOURCES file... [USES room...] [WRAPS library...])
# The file of the program sets, for all its rooms:
#   MKPXERD_ROOM_BASE     the library that each room uses
#   MKPXERD_ROOM_HEADERS  the target whose precompiled headers they share; it may be one of the rooms
#   MKPXERD_ROOM_OPTIONS  options of the compiler
function(mkpxerd_room program room)
  cmake_parse_arguments(PARSE_ARGV 2 ROOM "" "" "SOURCES;USES;WRAPS")
  set(library mkpxerd_${program}_${room})
  list(TRANSFORM ROOM_SOURCES REPLACE "(.+)" "${room}/\\1.cpp")
  list(TRANSFORM ROOM_USES PREPEND mkpxerd_${program}_)
  add_library(${library} STATIC ${ROOM_SOURCES})
  target_link_libraries(${library} PUBLIC ${MKPXERD_ROOM_BASE} ${ROOM_USES} PRIVATE ${ROOM_WRAPS})
  target_compile_options(${library} PRIVATE ${MKPXERD_ROOM_OPTIONS})
  if(NOT library STREQUAL MKPXERD_ROOM_HEADERS)
    target_precompile_headers(${library} REUSE_FROM ${MKPXERD_ROOM_HEADERS})
  endif()
endfunction()
