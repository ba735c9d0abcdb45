// SPDX-License-Identifier: MIT
// Command words, their arguments, and the function that each leads to.
#include "mkpxerd/cli/image_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace mkpxerd::cli {
namespace {

// Of all words: where they lead, what they need, and by what they are bounded.
struct Words {
    CLI::App& app;
    const CommandContext& context;
    std::function<int()>& chosen;
    Duty& duty;
    BoundOptions& bounds;

    // The options live as long as the program; chosen and duty are set when the word was given.
    template <class Options>
    CLI::App& add(const char* name, const char* help,
                  int (*run)(const Options&, std::ostream&, std::ostream&), Duty (*needs)(const Options&),
                  const std::shared_ptr<Options>& options) {
        CLI::App* command = app.add_subcommand(name, help);
        command->fallthrough(false); // options of the build mean nothing here
        add_bound_options(*command, bounds);
        command->callback([this_words = *this, run, needs, options] {
            this_words.duty = needs(*options);
            this_words.chosen = [&context = this_words.context, run, options] {
                return run(*options, context.out, context.err);
            };
        });
        return *command;
    }
};

} // namespace

void add_image_commands(CLI::App& app, const CommandContext& context, std::function<int()>& chosen,
                        Duty& duty, BoundOptions& bounds) {
    Words words{app, context, chosen, duty, bounds};
    const auto ls = std::make_shared<LsOptions>();
    CLI::App& ls_command = words.add<LsOptions>(
        "ls", "list what any initrd holds, part by part", run_ls,
        [](const LsOptions& given) { return Duty::reads(given.images); }, ls);
    ls_command.add_option("image", ls->images, "image files")->required()->type_name("FILE");
    ls_command.add_flag("-l,--long", ls->long_format, "modes, owners, sizes, times, link targets");
    ls_command.add_flag("--json", ls->json, "as JSON");

    const auto cat = std::make_shared<CatOptions>();
    CLI::App& cat_command = words.add<CatOptions>(
        "cat", "print files out of any initrd", run_cat,
        [](const CatOptions& given) { return Duty::reads({given.image}); }, cat);
    cat_command.add_option("image", cat->image, "image file")->required()->type_name("FILE");
    cat_command.add_option("path", cat->paths, "files in it; links are followed")
        ->required()
        ->type_name("PATH");

    const auto extract = std::make_shared<ExtractOptions>();
    CLI::App& extract_command = words.add<ExtractOptions>(
        "extract", "unpack any initrd into a directory", run_extract,
        [](const ExtractOptions& given) { return Duty::extracts(given.image, given.directory); }, extract);
    extract_command.add_option("image", extract->image, "image file")->required()->type_name("FILE");
    extract_command
        .add_option("path", extract->paths, "files, directories or shell patterns; none: everything")
        ->type_name("PATH");
    extract_command.add_option("-C,--directory", extract->directory, "the directory (the current one)")
        ->type_name("DIR");

    extract_command.add_flag("-p,--preserve", extract->preserve,
                             "owners, set-id bits and device nodes as the image has them");

    const auto size = std::make_shared<SizeOptions>();
    CLI::App& size_command = words.add<SizeOptions>(
        "size", "show where the bytes of an image go", run_size,
        [](const SizeOptions& given) { return Duty::reads({given.image}); }, size);
    size_command.add_option("image", size->image, "image file")->required()->type_name("FILE");
    size_command.add_flag("--json", size->json, "as JSON");

    const auto diff = std::make_shared<DiffOptions>();
    CLI::App& diff_command = words.add<DiffOptions>(
        "diff", "compare two images", run_diff,
        [](const DiffOptions& given) {
            return Duty::reads({given.before, given.after});
        },
        diff);
    diff_command.add_option("before", diff->before, "image file")->required()->type_name("FILE");
    diff_command.add_option("after", diff->after, "image file")->required()->type_name("FILE");
    diff_command.add_flag("--json", diff->json, "as JSON");
}

} // namespace mkpxerd::cli
