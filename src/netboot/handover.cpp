// SPDX-License-Identifier: MIT
// Everything that can fail is looked at before anything is moved.
#include "mkpxerd/netboot/handover.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <optional>
#include <sys/mount.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t most_interpreters = 4; // a script whose interpreter is a script, and so on

// An ELF file, as far as execve(2) looks at it.
struct Executable {
    std::uint16_t machine = 0; // e_machine
    std::string interpreter;   // empty: static
};

template <class Header, class Segment>
std::optional<Executable> read_elf(std::string_view bytes) {
    Header header{};
    if (bytes.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, bytes.data(), sizeof header);
    Executable executable{header.e_machine, {}};
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Segment segment{};
        const std::size_t at = header.e_phoff + i * sizeof segment;
        if (at > bytes.size() || bytes.size() - at < sizeof segment) return std::nullopt;
        std::memcpy(&segment, bytes.data() + at, sizeof segment);
        if (segment.p_type != PT_INTERP) continue;
        if (segment.p_offset > bytes.size() || segment.p_filesz > bytes.size() - segment.p_offset)
            return std::nullopt;
        executable.interpreter = bytes.substr(segment.p_offset, segment.p_filesz);
        executable.interpreter.resize(std::strlen(executable.interpreter.c_str()));
    }
    return executable;
}

// "#!/bin/sh -e" -> "/bin/sh"
std::string script_interpreter(std::string_view bytes) {
    const auto words = split_words(bytes.substr(2, bytes.find('\n') - 2));
    return words.empty() ? std::string() : std::string(words.front());
}

// A 64-bit kernel also runs the 32-bit programs of its family.
bool runs_on(std::uint16_t machine, std::string_view kernel) {
    if (kernel == "x86_64") return machine == EM_X86_64 || machine == EM_386;
    if (kernel == "aarch64") return machine == EM_AARCH64 || machine == EM_ARM;
    return true;
}

// "\040" of /proc/self/mountinfo -> " "
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            out +=
                static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_below(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// The mount point in the new root that stands for one outside it; links are followed inside the root.
Result<std::string> mount_point(const System& system, const std::string& mount) {
    const Sysroot root(system.host(new_root));
    if (const auto there = root.resolve(mount)) return fmt::format("{}/{}", new_root, there->path);
    std::error_code error;
    const std::string path = std::string(new_root) + mount;
    std::filesystem::create_directories(system.host(path), error);
    if (error)
        return fail(mount, fmt::format("cannot be made in the new root: {}", error.message()),
                    "the root file system has to have dev, proc, sys and run", "MPX-ROOT-05");
    return path;
}

} // namespace

Result<void> check_init(const System& system, const std::string& init) {
    const Sysroot root(system.host(new_root));
    std::string program = init;
    for (std::size_t depth = 0; depth < most_interpreters; ++depth) {
        const auto place = root.resolve(program);
        const auto entry = place ? root.entry(place->path) : std::nullopt;
        if (!entry && depth == 0)
            return fail(init, "is not in the new root", "is it the right root, or init= mistyped?",
                        "MPX-ROOT-01");
        if (!entry)
            return fail(init, fmt::format("needs {}, which is not in the new root", program), {},
                        "MPX-ROOT-03");
        if (entry->kind != Sysroot::Entry::Kind::Regular || (entry->mode & 0111) == 0)
            return fail(program, "is not an executable file", {}, "MPX-ROOT-02");
        MKPXERD_TRY_ASSIGN(const auto file, MappedFile::open(root.host(place->path)));
        const std::string_view bytes(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
        if (bytes.starts_with("#!")) {
            program = script_interpreter(bytes);
            continue;
        }
        if (!bytes.starts_with(ELFMAG) || bytes.size() < EI_NIDENT)
            return fail(program, "is neither a program nor a script", {}, "MPX-ROOT-02");
        const auto executable = bytes[EI_CLASS] == ELFCLASS64 ? read_elf<Elf64_Ehdr, Elf64_Phdr>(bytes)
                                                              : read_elf<Elf32_Ehdr, Elf32_Phdr>(bytes);
        if (!executable) return fail(program, "is a damaged program", {}, "MPX-ROOT-02");
        if (!runs_on(executable->machine, system.machine()))
            return fail(program, fmt::format("is for another kind of machine than {}", system.machine()), {},
                        "MPX-ROOT-04");
        if (!executable->interpreter.empty() && !root.resolve(executable->interpreter))
            return fail(program,
                        fmt::format("needs {}, which is not in the new root", executable->interpreter), {},
                        "MPX-ROOT-03");
        return {};
    }
    return fail(init, "is a script of a script of a script", {}, "MPX-ROOT-02");
}

std::vector<std::string> mounts_to_move(std::string_view mountinfo) {
    std::vector<std::string> mounts;
    for (const auto line : split_lines(mountinfo)) {
        const auto words = split_words(line);
        if (words.size() < 5) continue;
        std::string point = unescape(words[4]);
        if (point == "/" || is_below(point, new_root)) continue;
        const bool nested = std::any_of(mounts.begin(), mounts.end(),
                                        [&](const std::string& other) { return is_below(point, other); });
        if (!nested) mounts.push_back(std::move(point));
    }
    return mounts;
}

Result<void> hand_over(System& system, Log& log, const Program& init, std::string_view last_words) {
    MKPXERD_TRY_ASSIGN(const std::string mountinfo, read_file(system.host("/proc/self/mountinfo")));
    std::vector<std::pair<std::string, std::string>> moves;
    for (const std::string& mount : mounts_to_move(mountinfo)) {
        auto target = mount_point(system, mount);
        if (target)
            moves.emplace_back(mount, *target);
        else if (mount.starts_with("/media/") || mount == "/run")
            log.warning(target.error().text()); // goes away with the old root
        else
            return fail(std::move(target).error());
    }
    log.warning(std::string(last_words));
    for (const auto& [from, to] : moves)
        if (const auto error = system.mount({from, to, {}, MS_MOVE, {}}))
            return fail(from, fmt::format("cannot be moved to {}: {}", to, error.message()), {},
                        "MPX-ROOT-06");
    if (const auto freed = system.free_old_root(); !freed) log.detail(freed.error().text());
    MKPXERD_TRY(system.enter_root(std::string(new_root)));
    return system.become(init);
}

} // namespace mkpxerd::netboot
