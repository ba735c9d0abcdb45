// SPDX-License-Identifier: MIT
// The options of the commands on finished images.
#include "mkpxerd/cli/images/image_commands.hpp"

#include <CLI/CLI.hpp>

namespace mkpxerd::cli {

void add_ls_options(CLI::App& command, LsOptions& options) {
    command.add_option("image", options.images, "image files")->required()->type_name("FILE");
    command.add_flag("-l,--long", options.long_format, "modes, owners, sizes, times, link targets");
}

void add_cat_options(CLI::App& command, CatOptions& options) {
    command.add_option("image", options.image, "image file")->required()->type_name("FILE");
    command.add_option("path", options.paths, "files in it; links are followed")
        ->required()
        ->type_name("PATH");
}

void add_extract_options(CLI::App& command, ExtractOptions& options) {
    command.add_option("image", options.image, "image file")->required()->type_name("FILE");
    command.add_option("path", options.paths, "files, directories or shell patterns; none: everything")
        ->type_name("PATH");
    command.add_option("-C,--directory", options.directory, "the directory (the current one)")
        ->type_name("DIR");
    command.add_flag("-p,--preserve", options.preserve,
                     "owners, set-id bits and device nodes as the image has them");
}

void add_size_options(CLI::App& command, SizeOptions& options) {
    command.add_option("image", options.image, "image file")->required()->type_name("FILE");
}

void add_diff_options(CLI::App& command, DiffOptions& options) {
    command.add_option("before", options.before, "image file")->required()->type_name("FILE");
    command.add_option("after", options.after, "image file")->required()->type_name("FILE");
}

} // namespace mkpxerd::cli
