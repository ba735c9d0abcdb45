// SPDX-License-Identifier: MIT
// A process and a library's name -> the file that its loader would take.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "mkpxerd/generator/files/closing_set.hpp"
#include "mkpxerd/generator/files/program_files.hpp"

namespace mkpxerd::generator {

// The result of a search: a library, or why there is none.
struct FoundLibrary {
    const Result<RunnableFile>* file = nullptr;
    Sysroot::Resolved place;
    std::string spelled; // as the loader spells it
    bool listed = false; // in a directory that only the list file names
    std::vector<std::string>
        others{}; // paths of the same library for other CPUs, which the loader may prefer
};
struct MissingLibrary {
    std::string searched; // "/a, /b"
    std::string foreign;  // a skipped file for another machine; may be empty
};

struct ProcessObject : LoadedObject {
    std::string path; // real
};

// A program and everything that it has loaded so far.
struct Process {
    const LibrarySearch* search = nullptr;
    const File* program = nullptr;     // its reason holds for everything that it needs
    std::deque<ProcessObject> objects; // in order of loading; addresses do not change
    std::set<std::string> names;       // already searched
};

class LibraryFinder {
  public:
    LibraryFinder(ProgramFiles& programs, ClosingSet& set) : programs_(programs), set_(set) {}

    // Searches like the loader of the process for a library that object needs.
    tl::expected<FoundLibrary, MissingLibrary> find(const Process& process, const ProcessObject& object,
                                                    const std::string& name);
    // A regular file that the loader would take at this path.
    std::optional<FoundLibrary> look(const Process& process, const ProcessObject& object,
                                     const std::string& path, bool listed, MissingLibrary& missing);
    // Errors in a file are reported against the first file that needs it.
    const Result<RunnableFile>& examine(const std::string& path, const File& needed_by);

  private:
    std::optional<FoundLibrary> find_for_cpus(const Process& process, const ProcessObject& object,
                                              const std::string& name,
                                              const std::vector<LibraryDirectory>& directories);

    ProgramFiles& programs_;
    ClosingSet& set_;
};

// The directory part of a path in a tree; empty: there is none.
std::string parent_of(const std::string& path);

} // namespace mkpxerd::generator
