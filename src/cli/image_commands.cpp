// SPDX-License-Identifier: MIT
// Command words, their arguments, and the function that each leads to.
#include "mkpxerd/cli/image_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace mkpxerd::cli {
namespace {

// A command word whose options live as long as the program; chosen is set when the word was given.
template <class Options>
CLI::App& add_command(CLI::App& app, const CommandContext& context, std::function<int()>& chosen,
                      const char* name, const char* help,
                      int (*run)(const Options&, std::ostream&, std::ostream&),
                      const std::shared_ptr<Options>& options) {
    CLI::App* command = app.add_subcommand(name, help);
    command->fallthrough(false); // options of the build mean nothing here
    command->callback([&chosen, &context, run, options] {
        chosen = [&context, run, options] { return run(*options, context.out, context.err); };
    });
    return *command;
}

} // namespace

void add_image_commands(CLI::App& app, const CommandContext& context, std::function<int()>& chosen) {
    const auto ls = std::make_shared<LsOptions>();
    CLI::App& ls_command =
        add_command(app, context, chosen, "ls", "list what any initrd holds, part by part", run_ls, ls);
    ls_command.add_option("image", ls->images, "image files")->required()->type_name("FILE");
    ls_command.add_flag("-l,--long", ls->long_format, "modes, owners, sizes, times, link targets");
    ls_command.add_flag("--json", ls->json, "as JSON");

    const auto cat = std::make_shared<CatOptions>();
    CLI::App& cat_command =
        add_command(app, context, chosen, "cat", "print files out of any initrd", run_cat, cat);
    cat_command.add_option("image", cat->image, "image file")->required()->type_name("FILE");
    cat_command.add_option("path", cat->paths, "files in it; links are followed")
        ->required()
        ->type_name("PATH");

    const auto extract = std::make_shared<ExtractOptions>();
    CLI::App& extract_command =
        add_command(app, context, chosen, "extract", "unpack any initrd into a folder", run_extract, extract);
    extract_command.add_option("image", extract->image, "image file")->required()->type_name("FILE");
    extract_command.add_option("path", extract->paths, "files, folders or shell patterns; none: everything")
        ->type_name("PATH");
    extract_command.add_option("-C,--directory", extract->folder, "the folder (the current one)")
        ->type_name("DIR");

    extract_command.add_flag("-p,--preserve", extract->preserve,
                             "owners, set-id bits and device nodes as the image has them");

    const auto size = std::make_shared<SizeOptions>();
    CLI::App& size_command =
        add_command(app, context, chosen, "size", "show where the bytes of an image go", run_size, size);
    size_command.add_option("image", size->image, "image file")->required()->type_name("FILE");
    size_command.add_flag("--json", size->json, "as JSON");

    const auto diff = std::make_shared<DiffOptions>();
    CLI::App& diff_command = add_command(app, context, chosen, "diff", "compare two images", run_diff, diff);
    diff_command.add_option("before", diff->before, "image file")->required()->type_name("FILE");
    diff_command.add_option("after", diff->after, "image file")->required()->type_name("FILE");
    diff_command.add_flag("--json", diff->json, "as JSON");
}

} // namespace mkpxerd::cli
