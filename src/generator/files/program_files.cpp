// SPDX-License-Identifier: MIT
// The first bytes of a file decide; only ELF files are read beyond them.
#include "mkpxerd/generator/files/program_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::generator {

const std::optional<Sysroot::Resolved>& ProgramFiles::find(const std::string& path) {
    const auto known = found_.find(path);
    if (known != found_.end()) return known->second;
    auto place = basedir_.resolve(path);
    const auto entry = place ? basedir_.entry(place->path) : std::nullopt;
    if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) place.reset();
    return found_.emplace(path, std::move(place)).first->second;
}

const Result<RunnableFile>& ProgramFiles::examine(const std::string& real_path) {
    const auto known = examined_.find(real_path);
    if (known != examined_.end()) return known->second;
    return examined_.emplace(real_path, read(real_path)).first->second;
}

Result<RunnableFile> ProgramFiles::read(const std::string& real_path) const {
    const auto host = basedir_.host(real_path);
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(basedir_.file(real_path)));
    std::array<char, head_bytes> head{};
    const ssize_t got = ::pread(fd.get(), head.data(), head.size(), 0);
    if (got < 0) return fail_errno(host.string(), "cannot be read", errno);
    const std::string_view bytes(head.data(), static_cast<std::size_t>(got));
    RunnableFile file;
    file.shebang = parse_shebang(bytes);
    if (wrap::is_elf(bytes)) {
        MKPXERD_TRY_ASSIGN(file.elf, wrap::read_elf(fd.get(), host));
    }
    return file;
}

const LibrarySearch& ProgramFiles::search(const std::string& interpreter, const wrap::ElfInfo& elf) {
    const std::pair key(interpreter, wrap::machine_text(elf));
    return searches_.try_emplace(key, basedir_, interpreter, elf).first->second;
}

std::string ProgramFiles::guess_loader(const wrap::ElfInfo& elf) {
    const auto of_musl = [](const std::string& name) {
        return name == "libc.so" || name.starts_with("libc.musl-") || LibrarySearch::is_musl(name);
    };
    const bool musl = std::any_of(elf.needed.begin(), elf.needed.end(), of_musl);
    const bool glibc = std::find(elf.needed.begin(), elf.needed.end(), "libc.so.6") != elf.needed.end();
    for (const auto& [path, loader] : loaders())
        if (loader->same_machine(elf) && (musl == glibc || musl == LibrarySearch::is_musl(path))) return path;
    return {};
}

const std::map<std::string, const wrap::ElfInfo*>& ProgramFiles::loaders() {
    if (loaders_) return *loaders_;
    loaders_.emplace();
    // ld-linux-x86-64.so.2, ld-musl-aarch64.so.1, ld64.so.1 (S/390), ld.so.1 (MIPS), also below a multiarch
    // directory
    for (const auto* pattern : {"lib*/ld[-.6]*.so.[0-9]", "lib*/*/ld[-.6]*.so.[0-9]", "lib*/ld.so.[0-9]",
                                "usr/lib*/ld[-.6]*.so.[0-9]", "usr/lib*/*/ld[-.6]*.so.[0-9]"})
        for (const std::string& path : basedir_.glob(pattern)) {
            const auto& place = find(path);
            if (!place) continue;
            const auto& file = examine(place->path);
            if (file && file->elf) loaders_->emplace(path, &*file->elf);
        }
    return *loaders_;
}

} // namespace mkpxerd::generator
