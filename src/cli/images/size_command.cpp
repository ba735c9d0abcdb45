// SPDX-License-Identifier: MIT
// `mkpxerd size`: the sizes of an image's contents.
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/image/size_report.hpp"

namespace mkpxerd::cli {
namespace {

using image::SizeReport;
using image::SizeRow;

void print_rows(std::string_view title, const std::vector<SizeRow>& rows, std::ostream& out) {
    if (rows.empty()) return;
    out << fmt::format("\n{:<44} {:>10} {:>10} {:>7}\n", title, "in file", "unpacked", "entries");
    for (const SizeRow& row : rows)
        out << fmt::format("  {:<42} {:>10} {:>10} {:>7}\n", printable(row.name), human_bytes(row.compressed),
                           human_bytes(row.unpacked), row.entries);
}

void print_text(const image::ImageSummary& summary, const SizeReport& sizes, std::ostream& out) {
    out << fmt::format("{}: {} bytes ({}), {} unpacked\n", printable(summary.name), sizes.file,
                       human_bytes(sizes.file), human_bytes(sizes.unpacked));
    for (const image::Part& part : summary.parts)
        out << fmt::format("  {:<5} {:>12} bytes at byte {}, {} entries\n", part.compression, part.length,
                           part.offset, part.entries);
    if (summary.padding > 0)
        out << fmt::format("  zero  {:>12} bytes between and after the parts\n", summary.padding);
    if (summary.outside > 0)
        out << fmt::format("  other {:>12} bytes of the {} around them\n", summary.outside,
                           summary.container);
    print_rows("by kind", sizes.kinds, out);
    print_rows("by feature", sizes.features, out);
    print_rows("modules by family", sizes.families, out);
    print_rows("firmware by directory", sizes.firmware, out);
    print_rows("largest", sizes.largest, out);
    out << (sizes.exact
                ? "\n\"in file\" is exact: nothing is compressed.\n"
                : "\n\"in file\" is estimated within compressed parts, by the position in the stream; "
                  "each table adds up exactly.\n");
    if (sizes.features.empty())
        out << "By feature: the image does not say which feature its entries come from.\n";
}

void write_rows(std::string_view key, const std::vector<SizeRow>& rows, JsonWriter& json) {
    json.key(key).begin_array();
    for (const SizeRow& row : rows)
        json.begin_object()
            .field("name", row.name)
            .field("bytes", row.compressed)
            .field("unpacked", row.unpacked)
            .field("entries", row.entries)
            .end_object();
    json.end_array();
}

std::string to_json(const image::ImageSummary& summary, const SizeReport& sizes) {
    JsonWriter json;
    json.begin_object()
        .field("image", summary.name)
        .field("bytes", sizes.file)
        .field("unpacked", sizes.unpacked);
    if (!summary.container.empty())
        json.field("container", summary.container).field("outside", summary.outside);
    json.field("padding", summary.padding).field("exact", sizes.exact).key("parts").begin_array();
    for (const image::Part& part : summary.parts)
        json.begin_object()
            .field("offset", part.offset)
            .field("compression", part.compression)
            .field("bytes", part.length)
            .field("unpacked", part.unpacked)
            .field("entries", part.entries)
            .end_object();
    json.end_array();
    write_rows("kinds", sizes.kinds, json);
    write_rows("features", sizes.features, json);
    write_rows("module_families", sizes.families, json);
    write_rows("firmware", sizes.firmware, json);
    write_rows("largest", sizes.largest, json);
    return json.end_object().text();
}

} // namespace

int run_size(const SizeOptions& options, const CommandContext& context) {
    const std::string reasons_path(provenance_path);
    const auto image = image::Image::open(options.image, {reasons_path});
    if (!image) return report(image.error(), context);
    std::vector<Provenance> reasons;
    if (const std::string* text = image->kept(reasons_path)) {
        auto parsed = parse_provenance(*text);
        if (!parsed) return report(parsed.error(), context);
        reasons = std::move(*parsed);
    }
    const SizeReport sizes = measure(*image, reasons);
    if (context.wants_json)
        context.out << to_json(image->summary(), sizes);
    else
        print_text(image->summary(), sizes, context.out);
    return exit_done;
}

} // namespace mkpxerd::cli
