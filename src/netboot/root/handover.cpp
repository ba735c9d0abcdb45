// SPDX-License-Identifier: MIT
// Everything that can fail is looked at before anything is moved, and what fails all the same is undone.
#include "mkpxerd/netboot/root/handover.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <optional>
#include <sys/mount.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t longest_first_line = 256; // of a script: BINPRM_BUF_SIZE
constexpr std::size_t most_interpreters = 4;    // a script whose interpreter is a script, and so on

// An ELF file, as far as execve(2) looks at it.
struct Executable {
    std::uint16_t machine = 0; // e_machine
    std::string interpreter;   // empty: static
};

// Read, not mapped: of a mapped file that a server cuts short, the rest is a fault.
class ProgramFile {
  public:
    static Result<ProgramFile> open(const std::filesystem::path& path) {
        MKPXERD_TRY_ASSIGN(UniqueFd fd, open_regular(path));
        return ProgramFile(std::move(fd), path);
    }
    // What there is of the bytes at a place.
    Result<std::string> read(std::uint64_t place, std::size_t size) const {
        std::string bytes(size, '\0');
        MKPXERD_TRY_ASSIGN(const std::size_t got,
                           read_at(fd_.get(), place, std::as_writable_bytes(std::span(bytes)), path_));
        bytes.resize(got);
        return bytes;
    }
    // nullopt: it ends before.
    template <class T>
    Result<std::optional<T>> read_struct(std::uint64_t place) const {
        MKPXERD_TRY_ASSIGN(const std::string bytes, read(place, sizeof(T)));
        if (bytes.size() < sizeof(T)) return std::optional<T>();
        T value{};
        std::memcpy(&value, bytes.data(), sizeof value);
        return std::optional<T>(value);
    }

  private:
    ProgramFile(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
    UniqueFd fd_;
    std::filesystem::path path_;
};

template <class Header, class Segment>
Result<std::optional<Executable>> read_elf(const ProgramFile& file) {
    MKPXERD_TRY_ASSIGN(const auto header, file.read_struct<Header>(0));
    if (!header) return std::optional<Executable>();
    Executable executable{header->e_machine, {}};
    for (std::size_t i = 0; i < header->e_phnum; ++i) {
        MKPXERD_TRY_ASSIGN(const auto segment,
                           file.read_struct<Segment>(header->e_phoff + i * sizeof(Segment)));
        if (!segment) return std::optional<Executable>();
        if (segment->p_type != PT_INTERP) continue;
        if (segment->p_filesz > PATH_MAX)
            return std::optional<Executable>(); // as in the kernel's binfmt_elf.c
        MKPXERD_TRY_ASSIGN(executable.interpreter, file.read(segment->p_offset, segment->p_filesz));
        if (executable.interpreter.size() < segment->p_filesz) return std::optional<Executable>();
        executable.interpreter.resize(std::strlen(executable.interpreter.c_str()));
    }
    return std::optional(std::move(executable));
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

bool is_below(std::string_view path, std::string_view directory) {
    return path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
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
                    "the root file system has to have dev, proc, sys and run", Failure::NoMountPoint);
    return path;
}

using Moves = std::vector<std::pair<std::string, std::string>>;

Result<void> move_mount(System& system, const std::string& from, const std::string& to) {
    if (const auto error = system.mount({from, to, {}, MS_MOVE, {}}))
        return fail(from, fmt::format("cannot be moved to {}: {}", to, error.message()), {},
                    Failure::CannotEnterRoot);
    return {};
}

Result<void> enter_and_become(System& system, Log& log, const Program& init, std::string_view last_words) {
    const auto refused = [](const Error& error) {
        Problem problem = error.first();
        problem.code = Failure::CannotEnterRoot;
        return fail(Error(std::move(problem)));
    };
    const std::string root(new_root);
    const auto old = system.enter_root(root);
    if (!old) return refused(old.error());
    log.warning(last_words);
    const auto became = system.become(init, *old);
    if (became) return {};
    if (const auto left = system.leave_root(*old, root); !left) log.warning(left.error());
    return refused(became.error());
}

// Undoes the first moves, the last of them first.
void move_back(System& system, Log& log, const Moves& moves, std::size_t count) {
    for (; count > 0; --count)
        if (const auto moved = move_mount(system, moves[count - 1].second, moves[count - 1].first); !moved)
            log.warning(moved.error());
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
                        Failure::NoInit);
        if (!entry)
            return fail(init, fmt::format("needs {}, which is not in the new root", program), {},
                        Failure::NoInterpreter);
        if (entry->kind != Sysroot::Entry::Kind::Regular || (entry->mode & 0111) == 0)
            return fail(program, "is not an executable file", {}, Failure::CannotExecuteInit);
        if (::access(root.host(place->path).c_str(), X_OK) != 0) // a mount with noexec
            return fail(program,
                        fmt::format("cannot be executed: {}", std::generic_category().message(errno)),
                        "is its file system mounted with noexec", Failure::CannotExecuteInit);
        MKPXERD_TRY_ASSIGN(const auto file, ProgramFile::open(root.host(place->path)));
        MKPXERD_TRY_ASSIGN(const std::string bytes, file.read(0, longest_first_line));
        if (bytes.starts_with("#!")) {
            program = script_interpreter(bytes);
            continue;
        }
        if (!bytes.starts_with(ELFMAG) || bytes.size() < EI_NIDENT)
            return fail(program, "is neither a program nor a script", {}, Failure::CannotExecuteInit);
        const bool is_64 = bytes[EI_CLASS] == ELFCLASS64;
        auto parsed = is_64 ? read_elf<Elf64_Ehdr, Elf64_Phdr>(file) : read_elf<Elf32_Ehdr, Elf32_Phdr>(file);
        MKPXERD_TRY_ASSIGN(const auto executable, std::move(parsed));
        if (!executable) return fail(program, "is a damaged program", {}, Failure::CannotExecuteInit);
        if (!runs_on(executable->machine, system.machine()))
            return fail(program, fmt::format("is for another kind of machine than {}", system.machine()), {},
                        Failure::WrongMachine);
        if (!executable->interpreter.empty() && !root.resolve(executable->interpreter))
            return fail(program,
                        fmt::format("needs {}, which is not in the new root", executable->interpreter), {},
                        Failure::NoInterpreter);
        return {};
    }
    return fail(init, "is a script of a script of a script", {}, Failure::CannotExecuteInit);
}

std::vector<std::string> mounts_to_move(std::string_view mountinfo) {
    std::vector<std::string> mounts;
    for (const auto line : split_lines(mountinfo)) {
        const auto words = split_words(line);
        if (words.size() < 5) continue;
        std::string point = unescape_mount_field(words[4]);
        if (point == "/" || is_below(point, new_root)) continue;
        const bool nested = std::any_of(mounts.begin(), mounts.end(),
                                        [&](const std::string& other) { return is_below(point, other); });
        if (!nested) mounts.push_back(std::move(point));
    }
    return mounts;
}

Result<void> hand_over(System& system, Log& log, const Program& init, std::string_view last_words) {
    MKPXERD_TRY_ASSIGN(const std::string mountinfo, read_file(system.host("/proc/self/mountinfo")));
    Moves moves;
    for (const std::string& mount : mounts_to_move(mountinfo)) {
        auto target = mount_point(system, mount);
        if (target)
            moves.emplace_back(mount, *target);
        else if (mount.starts_with("/media/") || mount == "/run")
            log.warning(target.error().text()); // goes away with the old root
        else
            return fail(std::move(target).error());
    }
    for (std::size_t done = 0; done < moves.size(); ++done)
        if (auto moved = move_mount(system, moves[done].first, moves[done].second); !moved) {
            move_back(system, log, moves, done);
            return moved;
        }
    auto entered = enter_and_become(system, log, init, last_words);
    if (!entered) move_back(system, log, moves, moves.size());
    return entered;
}

} // namespace mkpxerd::netboot
