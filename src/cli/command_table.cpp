// SPDX-License-Identifier: MIT
// One row per command, which is implemented in the file of its name.
#include "mkpxerd/cli/command_table.hpp"

#include <CLI/CLI.hpp>

#include "mkpxerd/cli/build/why_image.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/option_words.hpp"
#include "mkpxerd/cli/reference/completion_command.hpp"
#include "mkpxerd/cli/reference/explain_command.hpp"
#include "mkpxerd/cli/reference/hardware_command.hpp"

namespace mkpxerd::cli {
namespace {

// A command that reads an image: the options of its limits, and its own.
template <auto add, auto options>
void add_reader_options(CLI::App& command, Arguments& given) {
    add(command, given.*options);
    add_bound_options(command, given.bounds);
}
template <auto add, auto options>
void add_reporter_options(CLI::App& command, Arguments& given) {
    add_reader_options<add, options>(command, given);
    add_json_option(command, given.context);
}

template <auto run, auto options>
int run_on_image(const Arguments& given) {
    return run(given.*options, given.context);
}

int run_bundle_with_build(const Arguments& given) {
    return run_bundle(given.bundle, given.build.options(), given.context);
}

Duty duty_of_lint(const Arguments& given) {
    const auto image = given.lint.image();
    return image ? Duty::reads({*image}) : Duty();
}

Duty prints(const Arguments&) {
    return Duty::prints();
}

constexpr CommandRow table[] = {
    {"why", "why is this path or module in the image, or not?", BuildOptions::Accepted,
     [](CLI::App& command, Arguments& given) { add_why_options(command, given.why); },
     [](const Arguments& given) {
         if (!given.why.image) return Duty();
         auto files = files_around(given.build.options());
         files.push_back(*given.why.image);
         return Duty::reads(std::move(files));
     },
     [](const Arguments& given) { return run_why(given.why, given.build.options(), given.context); }},
    {"overlay", "pack files of one machine, to load after the image", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) {
         given.build.add_output_options(command)->required();
         add_overlay_options(command, given.overlay);
         add_bound_options(command, given.bounds);
         add_json_option(command, given.context);
     },
     [](const Arguments&) { return Duty::builds(); },
     [](const Arguments& given) { return run_overlay(given.overlay, given.build.options(), given.context); }},
    {"ls", "list the entries of any initrd, part by part", BuildOptions::Refused,
     add_reporter_options<add_ls_options, &Arguments::ls>,
     [](const Arguments& given) { return Duty::reads(given.ls.images); },
     run_on_image<run_ls, &Arguments::ls>},
    {"cat", "print files from any initrd", BuildOptions::Refused,
     add_reader_options<add_cat_options, &Arguments::cat>,
     [](const Arguments& given) { return Duty::reads({given.cat.image}); },
     run_on_image<run_cat, &Arguments::cat>},
    {"extract", "unpack any initrd into a directory", BuildOptions::Refused,
     add_reporter_options<add_extract_options, &Arguments::extract>,
     [](const Arguments& given) { return Duty::extracts(given.extract.image, given.extract.directory); },
     run_on_image<run_extract, &Arguments::extract>},
    {"size", "show what takes the space in an image", BuildOptions::Refused,
     add_reporter_options<add_size_options, &Arguments::size>,
     [](const Arguments& given) { return Duty::reads({given.size.image}); },
     run_on_image<run_size, &Arguments::size>},
    {"diff", "compare two images", BuildOptions::Refused,
     add_reporter_options<add_diff_options, &Arguments::diff>,
     [](const Arguments& given) {
         return Duty::reads({given.diff.before, given.diff.after});
     },
     run_on_image<run_diff, &Arguments::diff>, exit_not_compared},
    {"lint", "check a kernel command line, also against an image", BuildOptions::Accepted,
     [](CLI::App& command, Arguments& given) { add_lint_options(command, given.lint); }, duty_of_lint,
     [](const Arguments& given) { return run_lint(given.lint, given.build.options(), given.context); }},
    {"bundle", "make a directory for web and TFTP servers", BuildOptions::Accepted,
     [](CLI::App& command, Arguments& given) { add_bundle_options(command, given.bundle); },
     [](const Arguments& given) { return Duty::makes_bundle(given.bundle.directory); },
     run_bundle_with_build},
    {"snippet", "print the configuration of one loader or server", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) {
         add_snippet_options(command, given.bundle);
         add_json_option(command, given.context);
     },
     [](const Arguments&) { return Duty::prints(wrap::Network::Any); }, // asks for this machine's address
     [](const Arguments& given) { return run_snippet(given.bundle, given.context); }},
    {"try", "boot an image or a bundle in QEMU", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) { add_try_options(command, given.trial, given.context); },
     [](const Arguments&) { return Duty::boots(); },
     [](const Arguments& given) { return run_try(given.trial, given.context); }},
    {"chart", "draw where the time of a boot went, from its report", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) { add_chart_options(command, given.chart); },
     [](const Arguments& given) { return Duty::writes(given.chart.report, given.chart.output); },
     [](const Arguments& given) { return run_chart(given.chart, given.context); }},
    {"hardware", "list this machine's devices for --hardware", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) { add_json_option(command, given.context); }, prints,
     [](const Arguments& given) { return run_hardware("/sys", given.context); }},
    {"explain", "what does this failure code of the init mean?", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) {
         command.add_option("code", given.codes,
                            "codes like MPX-DHCP-01, or a kind of them like DHCP; none: all");
         add_json_option(command, given.context);
     },
     prints, [](const Arguments& given) { return run_explain(given.codes, given.context); }},
    {"completion", "print the completion of command lines for a shell", BuildOptions::Refused,
     [](CLI::App& command, Arguments& given) {
         command.add_option("shell", given.shell, help_with_words("{}", "shell"))
             ->required()
             ->type_name("SHELL");
     },
     prints, [](const Arguments& given) { return run_completion(given.app, given.shell, given.context); }},
};

} // namespace

std::span<const CommandRow> command_table() {
    return table;
}

} // namespace mkpxerd::cli
