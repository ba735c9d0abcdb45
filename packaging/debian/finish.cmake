# SPDX-License-Identifier: MIT
# Run by cpack over the staged installation: manual pages and changelog compressed without a time inside, the licence under
# Debian's name, completions of zsh where Debian's zsh looks.
find_program(GZIP gzip REQUIRED)
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)

file(RENAME ${share}/doc/mkpxerd/LICENSE ${share}/doc/mkpxerd/copyright)
file(RENAME ${share}/doc/mkpxerd/CHANGELOG.md ${share}/doc/mkpxerd/changelog)
file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_mkpxerd ${share}/zsh/vendor-completions/_mkpxerd)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

file(GLOB_RECURSE pages ${share}/man/*.[1-9])
foreach(file ${pages} ${share}/doc/mkpxerd/changelog)
  execute_process(COMMAND ${GZIP} -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
