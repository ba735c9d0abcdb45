// SPDX-License-Identifier: MIT
// Recognises the programs of a tree: scripts, ELF files, loaders. Examines each file once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/files/library_search.hpp"
#include "mkpxerd/generator/files/shebang.hpp"
#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::generator {

struct RunnableFile {
    std::optional<wrap::ElfInfo> elf;
    std::optional<Shebang> shebang;
};

// References that its functions return stay valid as long as the object.
class ProgramFiles {
  public:
    explicit ProgramFiles(const Sysroot& basedir) : basedir_(basedir) {}

    // As Sysroot::resolve, for regular files only.
    const std::optional<Sysroot::Resolved>& find(const std::string& path);
    // Errors: unreadable, or a broken ELF file.
    const Result<RunnableFile>& examine(const std::string& real_path);

    // Where a program's loader searches; interpreter: from PT_INTERP, or guessed.
    const LibrarySearch& search(const std::string& interpreter, const wrap::ElfInfo& elf);
    // The loader of a library that does not name one: by its libc, or else the tree's loader for its machine.
    // Empty: the tree has none.
    std::string guess_loader(const wrap::ElfInfo& elf);

  private:
    Result<RunnableFile> read(const std::string& real_path) const;
    const std::map<std::string, const wrap::ElfInfo*>& loaders();

    const Sysroot& basedir_;
    std::map<std::string, std::optional<Sysroot::Resolved>> found_;
    std::map<std::string, Result<RunnableFile>> examined_;                  // by real path
    std::map<std::pair<std::string, std::string>, LibrarySearch> searches_; // by loader and machine
    std::optional<std::map<std::string, const wrap::ElfInfo*>> loaders_;    // by path
};

} // namespace mkpxerd::generator
