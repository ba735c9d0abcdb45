// SPDX-License-Identifier: MIT
// Loads every program as its loader would, breadth first: a loaded library is not searched again, and a
// program's search path applies to its libraries too. So two programs may find the same library in two
// places.
#include "mkpxerd/generator/files/elf_closure.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/files/dlopen_note.hpp"
#include "mkpxerd/generator/files/library_finder.hpp"
#include "mkpxerd/generator/files/runtime_needs.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_nsswitch_bytes = std::size_t{1} << 20; // of nsswitch.conf(5)

// The kernel only reads these files, whatever they look like.
bool is_data(std::string_view path) {
    if (path.starts_with("usr/")) path.remove_prefix(4);
    return path.starts_with("lib/firmware/") || path.starts_with("lib/modules/");
}

class ProgramClosure {
  public:
    ProgramClosure(FileSet files, const Sysroot& basedir, bool lenient)
        : basedir_(basedir), programs_(basedir), set_(std::move(files), basedir, lenient),
          finder_(programs_, set_) {}

    Result<FileSet> run() {
        for (const auto& [path, file] : set_.files())
            if (file.kind == File::Kind::Regular) todo_.push_back(path);
        // Programs first: the loader of the libraries that they load is known.
        for (; !todo_.empty(); todo_.pop_front())
            close_file(set_.files().at(todo_.front()));
        for (const std::string& path : libraries_)
            if (!loaded_.contains(path)) close_program(set_.files().at(path), *programs_.examine(path)->elf);
        return set_.finish();
    }

  private:
    // ---- one file of the set

    void close_file(const File& file) {
        if (is_data(file.path)) return;
        const auto& examined = finder_.examine(file.path, file);
        if (!examined) return;
        if (examined->shebang && (file.mode & 0111U) != 0) return close_script(file, *examined->shebang);
        if (!examined->elf) return;
        if (!examined->elf->interpreter.empty())
            close_program(file, *examined->elf);
        else if (examined->elf->type == wrap::ElfInfo::Type::Shared)
            libraries_.push_back(file.path);
    }

    void close_script(const File& script, const Shebang& shebang) {
        add_interpreter(script, shebang.interpreter);
        if (shebang.program.empty()) return;
        if (shebang.program.find('/') != std::string::npos) return add_interpreter(script, shebang.program);
        // The PATH of the programs that /init starts.
        constexpr std::array directories = {"usr/local/sbin", "usr/local/bin", "usr/sbin",
                                            "usr/bin",        "sbin",          "bin"};
        for (const auto* directory : directories) {
            const std::string path = std::string(directory) + '/' + shebang.program;
            if (programs_.find(path)) return add_interpreter(script, path);
        }
        set_.hole(script, fmt::format("{} is run by {}, which is not in any directory of PATH",
                                      set_.shown(script.path), shebang.program));
    }

    void add_interpreter(const File& script, const std::string& interpreter) {
        const auto& place = programs_.find(interpreter);
        if (!place) return set_.hole(script, missing_interpreter(script, interpreter));
        if (place->path == script.path)
            return set_.hole(script,
                             fmt::format("{} names itself as its interpreter", set_.shown(script.path)));
        if (set_.add(*place, reason(Reason::Kind::Interpreter, script.path, script)))
            todo_.push_back(place->path);
    }

    std::string missing_interpreter(const File& file, std::string_view interpreter) const {
        return fmt::format("{} needs the interpreter {}, which does not exist", set_.shown(file.path),
                           interpreter);
    }

    // ---- one program and what it loads

    void close_program(const File& file, const wrap::ElfInfo& elf) {
        Process process;
        process.search = &programs_.search(loader_of(file, elf), elf);
        process.program = &file;
        ProcessObject program;
        program.elf = &elf;
        program.origin = parent_of(file.path);
        program.path = file.path;
        process.objects.push_back(std::move(program));
        // Libraries loaded at run time use those loaded at the start.
        std::size_t needing = 0;
        for (std::size_t opening = 0; opening < process.objects.size(); ++opening) {
            for (; needing < process.objects.size(); ++needing)
                for (const std::string& name : process.objects[needing].elf->needed)
                    load_needed(process, process.objects[needing], name);
            open_entries(process, process.objects[opening]);
            if (process.search->passes_over_foreign()) open_by_libc(process, process.objects[opening]);
        }
    }

    void load_needed(Process& process, const ProcessObject& object, const std::string& name) {
        if (!process.names.insert(name).second) return;
        const auto found = finder_.find(process, object, name);
        if (found.has_value()) return load(process, object, *found, Reason::Kind::Library);
        if (process.search->is_loader_itself(name) || is_plugin_of_set(process, name)) return;
        if (!set_.is_first_report(object.path, name)) return;
        set_.hole(*process.program, lacks(process, object, name, found.error()));
    }

    // A program that loads such a library at run time may have loaded another one of the set before.
    bool is_plugin_of_set(const Process& process, const std::string& name) const {
        const auto is_library = [&name](const auto& item) { return item.first.ends_with('/' + name); };
        return process.objects.front().elf->interpreter.empty() &&
               std::any_of(set_.files().begin(), set_.files().end(), is_library);
    }

    void open_entries(Process& process, const ProcessObject& object) {
        for (const std::string& note : object.elf->dlopen_notes) {
            const auto entries = parse_dlopen_note(note);
            if (!entries) {
                if (set_.is_first_report(object.path, note))
                    set_.warn(*process.program,
                              fmt::format("{} has a .note.dlopen that cannot be read: {}",
                                          set_.shown(object.path), entries.error().first().text));
                continue;
            }
            for (const DlopenEntry& entry : *entries)
                if (entry.priority != DlopenEntry::Priority::Suggested) open_entry(process, object, entry);
        }
    }

    void open_entry(Process& process, const ProcessObject& object, const DlopenEntry& entry) {
        std::optional<MissingLibrary> first;
        for (const std::string& name : entry.sonames) {
            if (process.names.contains(name) || process.search->is_loader_itself(name)) return;
            const auto found = finder_.find(process, object, name);
            if (found.has_value()) {
                process.names.insert(name);
                return load(process, object, *found, Reason::Kind::Dlopen);
            }
            if (!first) first = found.error();
        }
        if (!set_.is_first_report(object.path, entry.sonames.front())) return;
        const std::string text =
            lacks(process, object, fmt::format("{}", fmt::join(entry.sonames, " or ")), *first) +
            (entry.feature.empty() ? "" : fmt::format("; it is opened for {}", entry.feature));
        if (entry.priority == DlopenEntry::Priority::Required)
            set_.hole(*process.program, text);
        else
            set_.warn(*process.program, text);
    }

    // libc loads these itself, so libc's paths count. A missing NSS module is not needed, and one without
    // imports is a leftover: libc has it built in.
    void open_by_libc(Process& process, const ProcessObject& object) {
        const auto is_libc = [](const ProcessObject& known) { return known.path.ends_with("/libc.so.6"); };
        const auto libc = std::ranges::find_if(process.objects, is_libc);
        const ProcessObject& opener = libc == process.objects.end() ? process.objects.front() : *libc;
        const auto open = [&](const std::string& name) -> std::optional<MissingLibrary> {
            if (process.names.contains(name)) return std::nullopt;
            const auto found = finder_.find(process, opener, name);
            if (!found.has_value()) return found.error();
            process.names.insert(name);
            load(process, object, *found, Reason::Kind::Dlopen);
            return std::nullopt;
        };
        if (ends_threads(*object.elf))
            if (const auto missing = open(unwinder); missing && set_.is_first_report(object.path, unwinder))
                set_.warn(*process.program, lacks(process, object, unwinder, *missing) +
                                                "; glibc aborts it when it ends a thread");
        for (const std::string& name : nss_modules(*object.elf, nsswitch())) {
            const auto found = finder_.find(process, opener, name);
            const bool is_whole = found.has_value() && *found->file && (*found->file)->elf &&
                                  !(*found->file)->elf->imports.empty();
            if (is_whole) (void)open(name);
        }
    }

    // Content of the image's nsswitch.conf; empty: the image has none.
    const std::string& nsswitch() {
        if (nsswitch_) return *nsswitch_;
        const auto& place = programs_.find("etc/nsswitch.conf");
        const bool inside = place && set_.contains(place->path);
        return nsswitch_.emplace(
            inside ? read_regular(basedir_.file(place->path), max_nsswitch_bytes).value_or("") : "");
    }

    // "/usr/bin/tool needs libx.so.1, which is not in /lib, /usr/lib".
    std::string lacks(const Process& process, const ProcessObject& object, std::string_view name,
                      const MissingLibrary& missing) const {
        std::string text = set_.shown(object.path);
        if (object.path != process.program->path)
            text += fmt::format(" (for {})", set_.shown(process.program->path));
        text += fmt::format(" needs {}, which is not in {}", name, missing.searched);
        if (!missing.foreign.empty()) text += "; " + missing.foreign;
        return text;
    }

    void load(Process& process, const ProcessObject& by, const FoundLibrary& found, Reason::Kind kind) {
        const Reason why = reason(kind, by.path, *process.program);
        set_.add(found.place, why);
        loaded_.insert(found.place.path);
        if (found.listed) add_list(process, found, why);
        const auto& examined = *found.file;
        if (!examined) return;
        if (!examined->elf)
            return set_.problem(*process.program,
                                fmt::format("{} needs {}, which is not an ELF file", set_.shown(by.path),
                                            set_.shown(found.place.path)));
        const wrap::ElfInfo& elf = *examined->elf;
        if (!elf.same_machine(*process.objects.front().elf))
            return set_.hole(*process.program,
                             fmt::format("{} needs {}, which is for {}", set_.shown(by.path),
                                         set_.shown(found.spelled), wrap::machine_text(elf)));
        process.names.insert(elf.soname);
        const auto same = [&found](const ProcessObject& known) { return known.path == found.place.path; };
        if (std::any_of(process.objects.begin(), process.objects.end(), same)) return;
        ProcessObject object;
        object.elf = &elf;
        object.origin = parent_of(found.spelled);
        object.loaded_by = &by;
        object.path = found.place.path;
        process.objects.push_back(std::move(object));
        for (const std::string& path : found.others) {
            MissingLibrary ignored;
            if (const auto other = finder_.look(process, by, path, false, ignored))
                load(process, by, *other, kind);
        }
    }

    // The loader in the image needs its list file to find directories that it does not have built in.
    void add_list(const Process& process, const FoundLibrary& found, const Reason& why) {
        const std::string& list = process.search->list_file();
        if (!set_.is_first_report(list, found.spelled)) return;
        const auto& place = programs_.find(list);
        if (place) set_.add(*place, why);
        if (!process.search->passes_over_foreign()) return; // musl reads the list itself
        const auto cached = process.search->cached(found.spelled.substr(found.spelled.rfind('/') + 1));
        if (std::ranges::find(cached, found.spelled) != cached.end()) return;
        set_.hole(
            *process.program,
            fmt::format("/{} is in a directory that only etc/ld.so.conf names, but {} does not contain it",
                        found.spelled, set_.shown(list)),
            fmt::format("run: ldconfig -r {}", basedir_.root().string()));
    }

    // Adds the loader that a program names. The name counts even when that file is missing: it decides which
    // rules apply.
    std::string loader_of(const File& file, const wrap::ElfInfo& elf) {
        if (elf.interpreter.empty()) return programs_.guess_loader(elf);
        const auto& place = programs_.find(elf.interpreter);
        if (!place) {
            set_.hole(file, missing_interpreter(file, elf.interpreter));
            return LibrarySearch::is_musl(elf.interpreter) ? elf.interpreter : programs_.guess_loader(elf);
        }
        set_.add(*place, reason(Reason::Kind::Interpreter, file.path, file));
        loaded_.insert(place->path);
        const auto& examined = finder_.examine(place->path, file);
        if (examined && examined->elf && !examined->elf->same_machine(elf))
            set_.hole(file, fmt::format("{} needs the interpreter {}, which is for {}", set_.shown(file.path),
                                        elf.interpreter, wrap::machine_text(*examined->elf)));
        return elf.interpreter;
    }

    static Reason reason(Reason::Kind kind, const std::string& from, const File& asked_by) {
        return {
            .kind = kind, .from = from, .feature = asked_by.reason.feature, .origin = asked_by.reason.origin};
    }

    const Sysroot& basedir_;
    ProgramFiles programs_;
    ClosingSet set_;
    LibraryFinder finder_;
    std::optional<std::string> nsswitch_;
    std::deque<std::string> todo_;       // files of the set that are still to be examined
    std::vector<std::string> libraries_; // files of the set that a program may load
    std::set<std::string> loaded_;       // real paths that a program loads
};

} // namespace

Result<FileSet> close_over_programs(FileSet files, const Sysroot& basedir, bool lenient) {
    return ProgramClosure(std::move(files), basedir, lenient).run();
}

} // namespace mkpxerd::generator
