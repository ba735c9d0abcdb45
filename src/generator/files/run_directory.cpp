// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/run_directory.hpp"

#include <algorithm>
#include <set>

namespace mkpxerd::generator {

FileSet move_out_of_run(FileSet files) {
    constexpr std::string_view from = "run/modprobe.d/";
    std::set<std::string> paths;
    for (const File& file : files.files)
        paths.insert(file.path);
    const auto moved = [&](const File& file) { return "etc/modprobe.d/" + file.path.substr(from.size()); };
    std::erase_if(files.files, [&](const File& file) {
        return file.path.starts_with(from) && paths.contains(moved(file));
    });
    for (File& file : files.files)
        if (file.path.starts_with(from)) file.path = moved(file);
    std::ranges::sort(files.files, {}, &File::path);
    return files;
}

} // namespace mkpxerd::generator
