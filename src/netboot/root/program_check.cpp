// SPDX-License-Identifier: MIT
// Scripts lead to their interpreters, dynamic programs to their loaders: both must exist in the new root.
#include "mkpxerd/netboot/root/program_check.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t longest_first_line = 256; // of a script: BINPRM_BUF_SIZE
constexpr std::size_t max_interpreters = 4;     // a script whose interpreter is a script, and so on

// The parts of an ELF file that execve(2) checks.
struct Executable {
    std::uint16_t machine = 0; // e_machine
    std::string interpreter;   // empty: static
};

// Read, not mapped: a server may cut the file short, and the missing pages of a mapped file are a fault.
class ProgramBytes {
  public:
    static Result<ProgramBytes> open(const std::filesystem::path& path) {
        MKPXERD_TRY_ASSIGN(UniqueFd fd, open_regular(path));
        return ProgramBytes(std::move(fd), path);
    }
    // Returns fewer bytes at the end of the file.
    Result<std::string> read(std::uint64_t place, std::size_t size) const {
        std::string bytes(size, '\0');
        MKPXERD_TRY_ASSIGN(const std::size_t got,
                           read_at(fd_.get(), place, std::as_writable_bytes(std::span(bytes)), path_));
        bytes.resize(got);
        return bytes;
    }
    // nullopt: the file ends before it does.
    template <class T>
    Result<std::optional<T>> read_struct(std::uint64_t place) const {
        MKPXERD_TRY_ASSIGN(const std::string bytes, read(place, sizeof(T)));
        if (bytes.size() < sizeof(T)) return std::optional<T>();
        T value{};
        std::memcpy(&value, bytes.data(), sizeof value);
        return std::optional<T>(value);
    }

  private:
    ProgramBytes(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
    UniqueFd fd_;
    std::filesystem::path path_;
};

template <class Header, class Segment>
Result<std::optional<Executable>> read_elf(const ProgramBytes& file) {
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

tl::unexpected<Error> not_executable(const std::string& program, std::string text, std::string hint = {},
                                     SourcePlace place = SourcePlace::here()) {
    return fail(program, std::move(text), std::move(hint), Failure::CannotExecuteInit, place);
}

tl::unexpected<Error> lacks_interpreter(const std::string& program, std::string_view interpreter,
                                        SourcePlace place = SourcePlace::here()) {
    return fail(program, fmt::format("needs {}, which is not in the new root", interpreter), {},
                Failure::NoInterpreter, place);
}

// Checks the program itself by its first bytes: an ELF file for this machine, with its loader.
Result<void> check_elf(const System& system, const Sysroot& root, const std::string& program,
                       const ProgramBytes& file, std::string_view first_bytes) {
    if (!first_bytes.starts_with(ELFMAG) || first_bytes.size() < EI_NIDENT)
        return not_executable(program, "is neither a program nor a script");
    const bool is_64 = first_bytes[EI_CLASS] == ELFCLASS64;
    auto parsed = is_64 ? read_elf<Elf64_Ehdr, Elf64_Phdr>(file) : read_elf<Elf32_Ehdr, Elf32_Phdr>(file);
    MKPXERD_TRY_ASSIGN(const auto executable, std::move(parsed));
    if (!executable) return not_executable(program, "is a damaged program");
    if (!runs_on(executable->machine, system.machine()))
        return fail(program, fmt::format("is built for another architecture than {}", system.machine()), {},
                    Failure::WrongMachine);
    if (!executable->interpreter.empty() && !root.resolve(executable->interpreter))
        return lacks_interpreter(program, executable->interpreter);
    return {};
}

} // namespace

Result<void> check_init(const System& system, const std::string& init) {
    const Sysroot root(system.host(new_root));
    std::string program = init;
    for (std::size_t depth = 0; depth < max_interpreters; ++depth) {
        const auto place = root.resolve(program);
        const auto entry = place ? root.entry(place->path) : std::nullopt;
        if (!entry && depth == 0)
            return fail(init, "is not in the new root", "is this the right root, or is init= mistyped?",
                        Failure::NoInit);
        if (!entry) return lacks_interpreter(init, program);
        if (entry->kind != Sysroot::Entry::Kind::Regular || (entry->mode & 0111) == 0)
            return not_executable(program, "is not an executable file");
        if (::access(root.host(place->path).c_str(), X_OK) != 0)
            return not_executable(
                program, fmt::format("cannot be executed: {}", std::generic_category().message(errno)),
                "is its file system mounted with noexec?");
        MKPXERD_TRY_ASSIGN(const auto file, ProgramBytes::open(root.host(place->path)));
        MKPXERD_TRY_ASSIGN(const std::string bytes, file.read(0, longest_first_line));
        if (!bytes.starts_with("#!")) return check_elf(system, root, program, file, bytes);
        program = script_interpreter(bytes);
    }
    return not_executable(init, "interpreters are nested too deeply");
}

} // namespace mkpxerd::netboot
