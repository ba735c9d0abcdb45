// SPDX-License-Identifier: MIT
// FileSet -> FileSet with everything that its programs need to start: interpreters of ELF files and of
// scripts, and shared libraries, found by the rules of the loader that will run them. Nothing is executed.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Every file and link that is added carries the file that needs it, and the feature line of that one.
// Ignored: scripts that nobody may execute, relocatable objects, everything below lib/firmware and
// lib/modules. A library of the set is examined by itself only when no program of the set loads it.
// Errors, all of them at once: a missing interpreter or library (with where it was looked for), one for
// another machine, a broken or unreadable file; each named by feature file and line. Warnings: a library
// that a .note.dlopen recommends and the tree lacks. lenient: what is missing is a warning.
Result<FileSet> close_over_programs(FileSet files, const Sysroot& basedir, bool lenient = false);

} // namespace mkpxerd::generator
