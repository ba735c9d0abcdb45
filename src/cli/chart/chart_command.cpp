// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/chart/chart_command.hpp"

#include <CLI/CLI.hpp>
#include <ostream>
#include <span>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/cli/chart/chart_svg.hpp"
#include "mkpxerd/cli/chart/report_reader.hpp"
#include "mkpxerd/cli/output/text_output.hpp"

namespace mkpxerd::cli {
namespace {

constexpr unsigned output_mode = 0644; // the report is redacted

Result<std::string> draw(const std::filesystem::path& report) {
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open_input(report));
    const auto bytes = file.bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    MKPXERD_TRY_ASSIGN(const Chart chart,
                       read_report(text, report == "-" ? "standard input" : report.string()));
    return chart_svg(chart);
}

Result<void> write_atomically(const std::filesystem::path& output, const std::string& svg) {
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(output));
    MKPXERD_TRY(file.write(std::as_bytes(std::span(svg))));
    return file.commit(output_mode);
}

} // namespace

void add_chart_options(CLI::App& command, ChartOptions& options) {
    command.add_option("report", options.report, "the report.json of a boot; -: standard input")
        ->required()
        ->type_name("FILE");
    command.add_option("-o,--output", options.output, "write the picture there (standard output)")
        ->type_name("FILE");
}

int run_chart(const ChartOptions& options, const CommandContext& context) {
    const auto svg = draw(options.report);
    if (!svg) return report(svg.error(), context);
    if (options.output == "-") {
        context.out << *svg;
        return exit_done;
    }
    if (const auto written = write_atomically(options.output, *svg); !written)
        return report(written.error(), context);
    return exit_done;
}

} // namespace mkpxerd::cli
