// SPDX-License-Identifier: MIT
// The values for an image, filled by hand.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/generator/archive/image_tree.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

using namespace mkpxerd::generator;

struct ImageSetup {
    TempDir dir;
    FileSet files;
    ModuleSet modules;
    BuildRequest request;
    ImageSetup() { request.init_program = dir.write("init", "#!init"); }

    File& add(const std::string& path, File::Kind kind, unsigned mode = 0755) {
        File file;
        file.path = path;
        file.kind = kind;
        file.mode = mode;
        file.reason.origin = {"f.files", 1};
        if (kind == File::Kind::Regular) {
            file.source = dir.write("source/" + path, "content of " + path);
            file.size = std::filesystem::file_size(file.source.host());
        }
        files.files.push_back(file);
        return files.files.back();
    }
    // Sets the content of the last added file.
    void fill(std::string_view content) {
        files.files.back().source = dir.write("source/" + files.files.back().path, content);
        files.files.back().size = content.size();
    }
    Result<ImageTree> tree() const { return make_image_tree(modules, files, request, {}); }
    static std::vector<std::string> paths(const ImageTree& tree) {
        std::vector<std::string> all;
        for (const auto& entry : tree.entries)
            all.push_back(entry.path);
        return all;
    }
};

} // namespace mkpxerd::test
