// SPDX-License-Identifier: MIT
// Searches the directories of LibrarySearch, in their order.
#include "mkpxerd/generator/files/library_finder.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"

namespace mkpxerd::generator {

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return path.substr(0, slash == std::string::npos ? 0 : slash);
}

const Result<RunnableFile>& LibraryFinder::examine(const std::string& path, const File& needed_by) {
    const auto& examined = programs_.examine(path);
    if (!examined && set_.is_first_report(path, "")) set_.problem(needed_by, examined.error().text());
    return examined;
}

std::optional<FoundLibrary> LibraryFinder::look(const Process& process, const ProcessObject& object,
                                                const std::string& path, bool listed,
                                                MissingLibrary& missing) {
    const auto& place = programs_.find(path);
    if (!place) return std::nullopt;
    const auto& examined = examine(place->path, *process.program);
    if (process.search->passes_over_foreign() && examined && examined->elf &&
        !examined->elf->same_machine(*object.elf)) {
        if (missing.foreign.empty())
            missing.foreign =
                fmt::format("{} is for {}", set_.shown(place->path), wrap::machine_text(*examined->elf));
        return std::nullopt;
    }
    return FoundLibrary{.file = &examined, .place = *place, .spelled = path, .listed = listed};
}

tl::expected<FoundLibrary, MissingLibrary>
LibraryFinder::find(const Process& process, const ProcessObject& object, const std::string& name) {
    MissingLibrary missing;
    if (name.find('/') != std::string::npos) {
        const std::string path = clean_path(process.search->path(object, name));
        if (auto found = look(process, object, path, false, missing)) return std::move(*found);
        missing.searched = set_.shown(parent_of(path));
        return tl::unexpected<MissingLibrary>(std::move(missing));
    }
    const auto directories = process.search->directories(object);
    const auto cached = process.search->cached(name);
    for (const LibraryDirectory& directory : directories) {
        if (auto found = look(process, object, directory.path + '/' + name, directory.listed, missing)) {
            if (directory.listed) found->others = cached; // the list's variants for this CPU
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
    return tl::unexpected<MissingLibrary>(std::move(missing));
}

// A library that exists only for some kinds of CPU.
std::optional<FoundLibrary> LibraryFinder::find_for_cpus(const Process& process, const ProcessObject& object,
                                                         const std::string& name,
                                                         const std::vector<LibraryDirectory>& directories) {
    std::optional<FoundLibrary> first;
    MissingLibrary ignored;
    for (const LibraryDirectory& directory : directories)
        for (const std::string& below : process.search->cpu_directories(directory.path)) {
            auto found = look(process, object, below + '/' + name, directory.listed, ignored);
            if (!found) continue;
            if (first)
                first->others.push_back(found->spelled);
            else
                first = std::move(found);
        }
    if (first && set_.is_first_report(object.path, first->spelled))
        set_.warn(*process.program, fmt::format("{} needs {}, which exists only for some CPUs: {}",
                                                set_.shown(object.path), name, set_.shown(first->spelled)));
    return first;
}

} // namespace mkpxerd::generator
