// SPDX-License-Identifier: MIT
// Where a dynamic loader looks for libraries: the rules of glibc (ld.so(8), elf/dl-load.c) and of musl
// (ldso/dynlink.c), over the configuration of a foreign tree. There is no environment.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::generator {

// A program or library, in the order of loading.
struct LoadedObject {
    const wrap::ElfInfo* elf = nullptr;
    std::string origin;                      // its directory, as the loader spelled it: $ORIGIN
    const LoadedObject* loaded_by = nullptr; // the first object that needed it; nullptr: the program itself
};

struct LibraryDirectory {
    std::string path;    // no leading slash; may hold links and ".."
    bool listed = false; // the loader knows it only from its list file
    bool operator==(const LibraryDirectory&) const = default;
};

class LibrarySearch {
  public:
    // interpreter: of PT_INTERP, or the loader's path in the tree; empty: unknown, then glibc's rules apply
    // with the directories that every system has. elf: a program that it loads.
    LibrarySearch(const Sysroot& basedir, std::string_view interpreter, const wrap::ElfInfo& elf);

    static bool is_musl(std::string_view interpreter);

    // The directories to search for a library that this object needs, in order, each once.
    std::vector<LibraryDirectory> directories(const LoadedObject& object) const;
    // Paths of a library in ld.so.cache, several if it exists for several kinds of CPU. No leading slash.
    std::vector<std::string> cached(const std::string& name) const;
    // Directories below one, each for a kind of CPU, that glibc looks into before it
    // (glibc-hwcaps/x86-64-v3).
    std::vector<std::string> cpu_directories(const std::string& directory) const;
    // The path for a needed name that contains a slash.
    std::string path(const LoadedObject& object, std::string_view name) const;
    // Whether musl itself contains the library, so that it needs no file.
    bool is_loader_itself(std::string_view name) const;
    // glibc continues the search when a library is for another machine; musl takes the first that it finds.
    bool passes_over_foreign() const { return !musl_; }
    // The file in the tree that names the listed directories to the loader.
    const std::string& list_file() const { return list_file_; }

  private:
    void append_path(std::vector<LibraryDirectory>& directories, std::string_view path,
                     const LoadedObject& object) const;
    std::string expand(std::string_view text, const LoadedObject& object) const;
    void find_glibc_directories(const std::string& loader_directory);
    void find_musl_directories(std::string_view interpreter);

    const Sysroot* basedir_;
    bool musl_;
    bool is_64_;
    bool big_endian_;
    std::string lib_;      // $LIB
    std::string platform_; // $PLATFORM; empty: unknown
    std::string list_file_;
    std::map<std::string, std::vector<std::string>> cache_; // of ld.so.cache, as written
    std::vector<std::string> configured_;                   // searched first
    std::vector<std::string> built_in_;                     // then these
};

} // namespace mkpxerd::generator
