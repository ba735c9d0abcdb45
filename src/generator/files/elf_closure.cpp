// SPDX-License-Identifier: MIT
// Loads every program as its loader would, breadth first: what is already loaded is not searched again, and a
// path that a program brings serves its libraries too. So one library may be found at two places by two
// programs.
#include "mkpxerd/generator/files/elf_closure.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/features/findings.hpp"
#include "mkpxerd/generator/files/dlopen_note.hpp"
#include "mkpxerd/generator/files/program_files.hpp"
#include "mkpxerd/generator/files/runtime_needs.hpp"

namespace mkpxerd::generator {
namespace {

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return path.substr(0, slash == std::string::npos ? 0 : slash);
}

constexpr std::size_t most_nsswitch_bytes = std::size_t{1} << 20; // of nsswitch.conf(5)

// Read by the kernel from files, whatever they look like.
bool is_data(std::string_view path) {
    if (path.starts_with("usr/")) path.remove_prefix(4);
    return path.starts_with("lib/firmware/") || path.starts_with("lib/modules/");
}

// A library that was found, or one that was not.
struct Found {
    const Result<ProgramFile>* file = nullptr;
    Sysroot::Resolved place;
    std::string spelled; // as the loader spells it
    bool listed = false; // in a directory that only the list file names
    std::vector<std::string> others =
        {}; // paths of the same library for other CPUs, which may be taken instead
};
struct Missing {
    std::string searched; // "/a, /b"
    std::string foreign;  // what was passed over; may be empty
};

struct Object : LoadedObject {
    std::string path; // real
};

// What a program has loaded so far.
struct Process {
    const LibrarySearch* search = nullptr;
    const File* program = nullptr; // its reason is that of all that it needs
    std::deque<Object> objects;    // in order of loading; places do not change
    std::set<std::string> names;   // that need no more searching
};

class Closure {
  public:
    Closure(const Sysroot& basedir, bool lenient, FileSet files)
        : basedir_(basedir), programs_(basedir), findings_(lenient) {
        warnings_ = std::move(files.warnings);
        for (File& file : files.files) {
            std::string path = file.path;
            files_.emplace(std::move(path), std::move(file));
        }
    }

    Result<FileSet> run() {
        for (const auto& [path, file] : files_)
            if (file.kind == File::Kind::Regular) todo_.push_back(path);
        // Programs first: what they load needs no loader of its own to be guessed.
        for (; !todo_.empty(); todo_.pop_front())
            close_file(files_.at(todo_.front()));
        for (const std::string& path : libraries_)
            if (!loaded_.contains(path)) close_program(files_.at(path), *programs_.look_at(path)->elf);
        MKPXERD_TRY(findings_.finish());
        FileSet closed;
        for (auto& [path, file] : files_)
            closed.files.push_back(std::move(file));
        closed.warnings = std::move(warnings_);
        closed.warnings.insert(closed.warnings.end(), findings_.warnings().begin(),
                               findings_.warnings().end());
        return closed;
    }

  private:
    // ---- one file of the set

    void close_file(const File& file) {
        if (is_data(file.path)) return;
        const auto& looked = look_at(file.path, file);
        if (!looked) return;
        if (looked->shebang && (file.mode & 0111U) != 0) return close_script(file, *looked->shebang);
        if (!looked->elf) return;
        if (!looked->elf->interpreter.empty())
            close_program(file, *looked->elf);
        else if (looked->elf->type == wrap::ElfInfo::Type::Shared)
            libraries_.push_back(file.path);
    }

    void close_script(const File& script, const Shebang& shebang) {
        add_interpreter(script, shebang.interpreter);
        if (shebang.program.empty()) return;
        if (shebang.program.find('/') != std::string::npos) return add_interpreter(script, shebang.program);
        // The path that /init gives to what it starts.
        constexpr std::array directories = {"usr/local/sbin", "usr/local/bin", "usr/sbin",
                                            "usr/bin",        "sbin",          "bin"};
        for (const auto* directory : directories) {
            const std::string path = std::string(directory) + '/' + shebang.program;
            if (programs_.find(path)) return add_interpreter(script, path);
        }
        hole(script, fmt::format("{} is run by {}, which is in no directory of programs", shown(script.path),
                                 shebang.program));
    }

    void add_interpreter(const File& script, const std::string& interpreter) {
        const auto& place = programs_.find(interpreter);
        if (!place) return hole(script, missing_interpreter(script, interpreter));
        if (place->path == script.path)
            return hole(script, fmt::format("{} names itself as its interpreter", shown(script.path)));
        if (add(*place, reason(Reason::Kind::Interpreter, script.path, script))) todo_.push_back(place->path);
    }

    std::string missing_interpreter(const File& file, std::string_view interpreter) const {
        return fmt::format("{} needs the interpreter {}, which does not exist", shown(file.path),
                           interpreter);
    }

    // ---- one program and what it loads

    void close_program(const File& file, const wrap::ElfInfo& elf) {
        Process process;
        process.search = &programs_.search(loader_of(file, elf), elf);
        process.program = &file;
        Object program;
        program.elf = &elf;
        program.origin = directory_of(file.path);
        program.path = file.path;
        process.objects.push_back(std::move(program));
        // Libraries that are opened later find those that were needed at the start.
        std::size_t needing = 0;
        for (std::size_t opening = 0; opening < process.objects.size(); ++opening) {
            for (; needing < process.objects.size(); ++needing)
                for (const std::string& name : process.objects[needing].elf->needed)
                    load_needed(process, process.objects[needing], name);
            open_wishes(process, process.objects[opening]);
            if (process.search->passes_over_foreign()) open_by_libc(process, process.objects[opening]);
        }
    }

    void load_needed(Process& process, const Object& object, const std::string& name) {
        if (!process.names.insert(name).second) return;
        const auto found = find(process, object, name);
        if (found.has_value()) return load(process, object, *found, Reason::Kind::Library);
        if (process.search->is_loader_itself(name) || is_plugin_of_set(process, name)) return;
        if (!reported_.emplace(object.path, name).second) return;
        hole(*process.program, lacks(process, object, name, found.error()));
    }

    // Who opens a library without a program of its own may have opened another one of the set before it.
    bool is_plugin_of_set(const Process& process, const std::string& name) const {
        const auto is_it = [&name](const auto& item) { return item.first.ends_with('/' + name); };
        return process.objects.front().elf->interpreter.empty() &&
               std::any_of(files_.begin(), files_.end(), is_it);
    }

    void open_wishes(Process& process, const Object& object) {
        for (const std::string& note : object.elf->dlopen_notes) {
            const auto wishes = parse_dlopen_note(note);
            if (!wishes) {
                if (reported_.emplace(object.path, note).second)
                    warn(*process.program, fmt::format("{} has a .note.dlopen that cannot be read: {}",
                                                       shown(object.path), wishes.error().first().text));
                continue;
            }
            for (const DlopenWish& wish : *wishes)
                if (wish.priority != DlopenWish::Priority::Suggested) open_wish(process, object, wish);
        }
    }

    void open_wish(Process& process, const Object& object, const DlopenWish& wish) {
        std::optional<Missing> first;
        for (const std::string& name : wish.sonames) {
            if (process.names.contains(name) || process.search->is_loader_itself(name)) return;
            const auto found = find(process, object, name);
            if (found.has_value()) {
                process.names.insert(name);
                return load(process, object, *found, Reason::Kind::Dlopen);
            }
            if (!first) first = found.error();
        }
        if (!reported_.emplace(object.path, wish.sonames.front()).second) return;
        const std::string text =
            lacks(process, object, fmt::format("{}", fmt::join(wish.sonames, " or ")), *first) +
            (wish.feature.empty() ? "" : fmt::format("; it is opened for {}", wish.feature));
        if (wish.priority == DlopenWish::Priority::Required)
            hole(*process.program, text);
        else
            warn(*process.program, text);
    }

    // libc opens these itself, so that libc's paths count. A module of NSS that is not there has nothing to
    // tell, and one without imports is a leftover: libc has it built in.
    void open_by_libc(Process& process, const Object& object) {
        const auto is_libc = [](const Object& known) { return known.path.ends_with("/libc.so.6"); };
        const auto libc = std::ranges::find_if(process.objects, is_libc);
        const Object& opener = libc == process.objects.end() ? process.objects.front() : *libc;
        const auto open = [&](const std::string& name) -> std::optional<Missing> {
            if (process.names.contains(name)) return std::nullopt;
            const auto found = find(process, opener, name);
            if (!found.has_value()) return found.error();
            process.names.insert(name);
            load(process, object, *found, Reason::Kind::Dlopen);
            return std::nullopt;
        };
        if (ends_threads(*object.elf))
            if (const auto missing = open(unwinder);
                missing && reported_.emplace(object.path, unwinder).second)
                warn(*process.program,
                     lacks(process, object, unwinder, *missing) + "; glibc aborts it when it ends a thread");
        for (const std::string& name : nss_modules(*object.elf, nsswitch())) {
            const auto found = find(process, opener, name);
            const bool is_whole = found.has_value() && *found->file && (*found->file)->elf &&
                                  !(*found->file)->elf->imports.empty();
            if (is_whole) (void)open(name);
        }
    }

    // That of the image; empty: it has none.
    const std::string& nsswitch() {
        if (nsswitch_) return *nsswitch_;
        const auto& place = programs_.find("etc/nsswitch.conf");
        const bool inside = place && files_.contains(place->path);
        return nsswitch_.emplace(
            inside ? read_regular(basedir_.file(place->path), most_nsswitch_bytes).value_or("") : "");
    }

    // "/usr/bin/tool needs libx.so.1, which is not in /lib, /usr/lib".
    std::string lacks(const Process& process, const Object& object, std::string_view name,
                      const Missing& missing) const {
        std::string text = shown(object.path);
        if (object.path != process.program->path)
            text += fmt::format(" (for {})", shown(process.program->path));
        text += fmt::format(" needs {}, which is not in {}", name, missing.searched);
        if (!missing.foreign.empty()) text += "; " + missing.foreign;
        return text;
    }

    void load(Process& process, const Object& by, const Found& found, Reason::Kind kind) {
        const Reason why = reason(kind, by.path, *process.program);
        add(found.place, why);
        loaded_.insert(found.place.path);
        if (found.listed) add_list(process, found, why);
        const auto& looked = *found.file;
        if (!looked) return;
        if (!looked->elf)
            return problem(*process.program, fmt::format("{} needs {}, which is not an ELF file",
                                                         shown(by.path), shown(found.place.path)));
        const wrap::ElfInfo& elf = *looked->elf;
        if (!elf.same_machine(*process.objects.front().elf))
            return hole(*process.program, fmt::format("{} needs {}, which is for {}", shown(by.path),
                                                      shown(found.spelled), wrap::machine_text(elf)));
        process.names.insert(elf.soname);
        const auto same = [&found](const Object& known) { return known.path == found.place.path; };
        if (std::any_of(process.objects.begin(), process.objects.end(), same)) return;
        Object object;
        object.elf = &elf;
        object.origin = directory_of(found.spelled);
        object.loaded_by = &by;
        object.path = found.place.path;
        process.objects.push_back(std::move(object));
        for (const std::string& path : found.others) {
            Missing ignored;
            if (const auto other = look(process, by, path, false, ignored)) load(process, by, *other, kind);
        }
    }

    // A regular file that the loader would take there.
    std::optional<Found> look(const Process& process, const Object& object, const std::string& path,
                              bool listed, Missing& missing) {
        const auto& place = programs_.find(path);
        if (!place) return std::nullopt;
        const auto& looked = look_at(place->path, *process.program);
        if (process.search->passes_over_foreign() && looked && looked->elf &&
            !looked->elf->same_machine(*object.elf)) {
            if (missing.foreign.empty())
                missing.foreign =
                    fmt::format("{} is for {}", shown(place->path), wrap::machine_text(*looked->elf));
            return std::nullopt;
        }
        return Found{&looked, *place, path, listed};
    }

    tl::expected<Found, Missing> find(const Process& process, const Object& object, const std::string& name) {
        Missing missing;
        if (name.find('/') != std::string::npos) {
            const std::string path = clean_path(process.search->path(object, name));
            if (auto found = look(process, object, path, false, missing)) return std::move(*found);
            missing.searched = shown(directory_of(path));
            return tl::unexpected<Missing>(std::move(missing));
        }
        const auto directories = process.search->directories(object);
        const auto cached = process.search->cached(name);
        for (const LibraryDirectory& directory : directories) {
            if (auto found = look(process, object, directory.path + '/' + name, directory.listed, missing)) {
                if (directory.listed)
                    found->others = cached; // what the list has for this CPU is not searched for
                return std::move(*found);
            }
            missing.searched += (missing.searched.empty() ? "/" : ", /") + directory.path;
        }
        if (auto found = find_for_cpus(process, object, name, directories)) return std::move(*found);
        for (const std::string& path : cached)
            if (auto found = look(process, object, path, true, missing)) {
                found->others = cached;
                return std::move(*found);
            }
        return tl::unexpected<Missing>(std::move(missing));
    }

    // A library that is there for some kinds of CPU alone.
    std::optional<Found> find_for_cpus(const Process& process, const Object& object, const std::string& name,
                                       const std::vector<LibraryDirectory>& directories) {
        std::optional<Found> first;
        Missing ignored;
        for (const LibraryDirectory& directory : directories)
            for (const std::string& below : process.search->cpu_directories(directory.path)) {
                auto found = look(process, object, below + '/' + name, directory.listed, ignored);
                if (!found) continue;
                if (first)
                    first->others.push_back(found->spelled);
                else
                    first = std::move(found);
            }
        if (first && reported_.emplace(object.path, first->spelled).second)
            warn(*process.program, fmt::format("{} needs {}, which is there for some CPUs alone: {}",
                                               shown(object.path), name, shown(first->spelled)));
        return first;
    }

    // The loader in the image must be told of directories that are not built into it.
    void add_list(const Process& process, const Found& found, const Reason& why) {
        const std::string& list = process.search->list_file();
        if (!reported_.emplace(list, found.spelled).second) return;
        const auto& place = programs_.find(list);
        if (place) add(*place, why);
        if (!process.search->passes_over_foreign()) return; // musl's list is what was read
        const auto cached = process.search->cached(found.spelled.substr(found.spelled.rfind('/') + 1));
        if (std::ranges::find(cached, found.spelled) != cached.end()) return;
        findings_.hole(
            process.program->reason.origin.text(),
            fmt::format("/{} is in a directory that only etc/ld.so.conf names, and {} does not hold it",
                        found.spelled, shown(list)),
            fmt::format("run: ldconfig -r {}", basedir_.root().string()));
    }

    // Adds the loader that a program names. What it names counts even when it is missing: the rules are told
    // by it.
    std::string loader_of(const File& file, const wrap::ElfInfo& elf) {
        if (elf.interpreter.empty()) return programs_.guess_loader(elf);
        const auto& place = programs_.find(elf.interpreter);
        if (!place) {
            hole(file, missing_interpreter(file, elf.interpreter));
            return LibrarySearch::is_musl(elf.interpreter) ? elf.interpreter : programs_.guess_loader(elf);
        }
        add(*place, reason(Reason::Kind::Interpreter, file.path, file));
        loaded_.insert(place->path);
        const auto& looked = look_at(place->path, file);
        if (looked && looked->elf && !looked->elf->same_machine(elf))
            hole(file, fmt::format("{} needs the interpreter {}, which is for {}", shown(file.path),
                                   elf.interpreter, wrap::machine_text(*looked->elf)));
        return elf.interpreter;
    }

    // What is wrong with a file is laid to the first one that needs it.
    const Result<ProgramFile>& look_at(const std::string& path, const File& needed_by) {
        const auto& looked = programs_.look_at(path);
        if (!looked && reported_.emplace(path, "").second) problem(needed_by, looked.error().text());
        return looked;
    }

    // ---- the set

    static Reason reason(Reason::Kind kind, const std::string& from, const File& asked_by) {
        return {kind, from, asked_by.reason.feature, asked_by.reason.origin};
    }

    // A regular file and every link on the way to it. True: the file was not there before.
    bool add(const Sysroot::Resolved& place, const Reason& why) {
        for (const std::string& link : place.links)
            add_entry(link, File::Kind::Link, why);
        return add_entry(place.path, File::Kind::Regular, why);
    }

    bool add_entry(const std::string& path, File::Kind kind, const Reason& why) {
        if (files_.contains(path)) return false;
        const auto entry = basedir_.entry(path);
        if (!entry) return false; // vanished meanwhile: whoever reads it says so
        File file;
        file.path = path;
        file.kind = kind;
        file.mode = entry->mode;
        file.target = entry->target;
        file.reason = why;
        if (kind == File::Kind::Regular) {
            file.source = basedir_.file(path);
            file.size = entry->size;
            file.inode = entry->inode;
            file.device = entry->device;
            file.links = entry->links;
        }
        files_.emplace(path, std::move(file));
        return true;
    }

    std::string shown(std::string_view path) const { return basedir_.host(path).string(); }

    void problem(const File& asked_by, std::string text) {
        findings_.problem(asked_by.reason.origin.text(), std::move(text));
    }
    void hole(const File& asked_by, std::string text) {
        findings_.hole(asked_by.reason.origin.text(), std::move(text));
    }
    void warn(const File& asked_by, std::string text) {
        warnings_.push_back({asked_by.reason.origin.text(), std::move(text), {}, {}});
    }

    const Sysroot& basedir_;
    ProgramFiles programs_;
    Findings findings_;
    std::vector<Problem> warnings_;
    std::map<std::string, File> files_;
    std::optional<std::string> nsswitch_;
    std::deque<std::string> todo_;                           // files of the set that were not looked at
    std::vector<std::string> libraries_;                     // files of the set that a program may load
    std::set<std::string> loaded_;                           // real paths that a program loads
    std::set<std::pair<std::string, std::string>> reported_; // file, what it lacks
};

} // namespace

Result<FileSet> ElfClosure::close(FileSet files) const {
    return Closure(basedir_, lenient_, std::move(files)).run();
}

} // namespace mkpxerd::generator
