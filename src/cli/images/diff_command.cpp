// SPDX-License-Identifier: MIT
// `mkpxerd diff`: the changes between two images, and their sizes.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/image/image_diff.hpp"

namespace mkpxerd::cli {
namespace {

using image::Change;
using image::Image;
using image::ImageDiff;

struct Total {
    std::size_t entries = 0;
    std::int64_t bytes = 0;
};

Total total(const ImageDiff& diff, Change::Kind kind) {
    Total sum;
    for (const Change& change : diff.changes) {
        if (change.kind != kind) continue;
        ++sum.entries;
        sum.bytes += change.bytes;
    }
    return sum;
}

std::string signed_bytes(std::int64_t bytes) {
    return (bytes < 0 ? "-" : "+") + human_bytes(static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes));
}

std::string_view kind_name(Change::Kind kind) {
    return kind == Change::Kind::Added ? "added" : kind == Change::Kind::Removed ? "removed" : "changed";
}

char kind_sign(Change::Kind kind) {
    return kind == Change::Kind::Added ? '+' : kind == Change::Kind::Removed ? '-' : '~';
}

void print_side(const Image& image, char name, std::ostream& out) {
    std::vector<std::string_view> compressions;
    std::uint64_t unpacked = 0;
    for (const image::Part& part : image.summary().parts) {
        compressions.push_back(part.compression);
        unpacked += part.unpacked;
    }
    out << fmt::format("{} {}: {} bytes ({}), {} bytes unpacked, {} entries\n", name,
                       printable(image.summary().name), image.summary().size, fmt::join(compressions, " + "),
                       unpacked, image.entries().size());
}

void print_text(const Image& before, const Image& after, const ImageDiff& diff, std::ostream& out) {
    if (diff.same_bytes) {
        out << "the files are identical\n";
        return;
    }
    print_side(before, 'A', out);
    print_side(after, 'B', out);
    for (const Change& change : diff.changes)
        out << fmt::format("{} {:>11} {}{}{}\n", kind_sign(change.kind),
                           change.bytes == 0 ? "0" : fmt::format("{:+}", change.bytes),
                           printable(change.path), change.details.empty() ? "" : ": ",
                           printable(fmt::format("{}", fmt::join(change.details, ", "))));
    for (const auto kind : {Change::Kind::Added, Change::Kind::Removed, Change::Kind::Changed}) {
        const Total sum = total(diff, kind);
        if (sum.entries > 0)
            out << fmt::format("{} {} ({})\n", sum.entries, kind_name(kind), signed_bytes(sum.bytes));
    }
    if (diff.times_only > 0) out << fmt::format("{} differ only in their times\n", diff.times_only);
    if (diff.changes.empty() && diff.times_only == 0)
        out << "the trees are equal; the files differ in order, inode numbers or compression\n";
}

std::string to_json(const Image& before, const Image& after, const ImageDiff& diff) {
    JsonWriter json;
    json.begin_object().field("identical", diff.same_bytes);
    json.field("before_bytes", before.summary().size).field("after_bytes", after.summary().size);
    json.field("times_only", diff.times_only).key("changes").begin_array();
    for (const Change& change : diff.changes) {
        json.begin_object().field("kind", kind_name(change.kind)).field("path", change.path);
        json.field("bytes", change.bytes).key("details").begin_array();
        for (const std::string& detail : change.details)
            json.value(detail);
        json.end_array().end_object();
    }
    return json.end_array().end_object().text();
}

} // namespace

int run_diff(const DiffOptions& options, const CommandContext& context) {
    const auto not_compared = [&](const Error& error) {
        report(error, context);
        return exit_not_compared;
    };
    const auto before = Image::open(options.before);
    if (!before) return not_compared(before.error());
    const auto after = Image::open(options.after);
    if (!after) return not_compared(after.error());
    const auto diff = compare(*before, *after);
    if (!diff) return not_compared(diff.error());
    if (context.wants_json)
        context.out << to_json(*before, *after, *diff);
    else if (!context.is_quiet)
        print_text(*before, *after, *diff, context.out);
    return diff->same_bytes ? exit_done : exit_differ;
}

} // namespace mkpxerd::cli
