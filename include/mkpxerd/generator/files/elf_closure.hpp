// SPDX-License-Identifier: MIT
// FileSet -> FileSet with everything that its programs need to start: interpreters of ELF files and scripts,
// and shared libraries, found by the rules of the loader that will run them. Executes nothing.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Each added file and link names the file that needs it, with that file's feature line. Ignored: scripts
// without execute permission, relocatable objects, everything below lib/firmware and lib/modules. A library
// of the set is examined on its own only if no program of the set loads it. Errors, all at once, each with
// feature file and line: a missing interpreter or library (with the directories searched), one for another
// machine, a damaged or unreadable file. Warnings: a library that a .note.dlopen recommends and the tree
// lacks. lenient: missing files are warnings.
Result<FileSet> close_over_programs(FileSet files, const Sysroot& basedir, bool lenient = false);

} // namespace mkpxerd::generator
