// SPDX-License-Identifier: MIT
// `mkpxerd size`: the sizes of an image's contents.
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/size_report.hpp"

namespace mkpxerd::cli {
namespace {

using image::SizeReport;
using image::SizeRow;

// with_plain: compressed modules or firmware make a column of their own worth its place.
void print_rows(std::string_view title, const std::vector<SizeRow>& rows, bool with_plain,
                std::ostream& out) {
    if (rows.empty()) return;
    const auto print = [&](std::string_view name, std::string_view in_file, std::string_view unpacked,
                           std::string_view plain, std::string_view entries) {
        out << fmt::format("{:<44} {:>10} {:>10} ", name, in_file, unpacked);
        if (with_plain) out << fmt::format("{:>10} ", plain);
        out << fmt::format("{:>7}\n", entries);
    };
    out << '\n';
    print(title, "in file", "unpacked", "plain", "entries");
    for (const SizeRow& row : rows)
        print("  " + printable(row.name), human_bytes(row.compressed), human_bytes(row.unpacked),
              human_bytes(row.plain), std::to_string(row.entries));
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
    const bool with_plain = sizes.has_compressed;
    print_rows("by kind", sizes.kinds, with_plain, out);
    print_rows("by feature", sizes.features, with_plain, out);
    print_rows("modules by family", sizes.families, with_plain, out);
    print_rows("firmware by directory", sizes.firmware, with_plain, out);
    print_rows("largest", sizes.largest, with_plain, out);
    out << (sizes.exact
                ? "\n\"in file\" is exact: nothing is compressed.\n"
                : "\n\"in file\" is estimated within compressed parts, by the position in the stream; "
                  "each table adds up exactly.\n");
    if (with_plain)
        out << "\"plain\" is \"unpacked\" with every compressed module and firmware decompressed.\n";
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
            .field("plain", row.plain)
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
    const auto plain = plain_sizes(*image);
    if (!plain) return report(plain.error(), context);
    const SizeReport sizes = measure(*image, reasons, *plain);
    if (context.wants_json)
        context.out << to_json(image->summary(), sizes);
    else
        print_text(image->summary(), sizes, context.out);
    return exit_done;
}

} // namespace mkpxerd::cli
