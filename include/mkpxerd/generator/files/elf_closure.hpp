// SPDX-License-Identifier: MIT
// FileSet -> FileSet with everything that its programs need to start: interpreters of ELF files and of
// scripts, and shared libraries, found by the rules of the loader that will run them. Nothing is executed.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ElfClosure {
  public:
    // lenient: what is missing is a warning.
    explicit ElfClosure(const Sysroot& basedir, bool lenient = false)
        : basedir_(basedir), lenient_(lenient) {}

    // Every file and link added carries the file that needs it, and the feature line of that one.
    // Left alone: scripts that nobody may execute, relocatable objects, everything below lib/firmware and
    // lib/modules. A library of the set is looked at by itself only when no program of the set loads it.
    // Errors, all of them at once: a missing interpreter or library (with where it was looked for), one for
    // another machine, a broken or unreadable file; each named by feature file and line. Warnings: a library
    // that a .note.dlopen recommends and the tree lacks.
    Result<FileSet> close(FileSet files) const;

  private:
    const Sysroot& basedir_;
    bool lenient_;
};

} // namespace mkpxerd::generator
