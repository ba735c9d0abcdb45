// SPDX-License-Identifier: MIT
// `mkpxerd ls`: parts and entries, as text or JSON.
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::cli {
namespace {

using image::Entry;
using image::Image;
using image::Part;

char type_letter(std::uint32_t mode) {
    switch (mode & 0170000) {
    case 0040000:
        return 'd';
    case 0100000:
        return '-';
    case 0120000:
        return 'l';
    case 0020000:
        return 'c';
    case 0060000:
        return 'b';
    case 0010000:
        return 'p';
    case 0140000:
        return 's';
    default:
        return '?';
    }
}

// "drwxr-xr-x", as ls -l writes it.
std::string mode_text(std::uint32_t mode) {
    std::string text(1, type_letter(mode));
    for (int shift = 6; shift >= 0; shift -= 3) {
        const std::uint32_t bits = mode >> shift;
        text += (bits & 4) != 0 ? 'r' : '-';
        text += (bits & 2) != 0 ? 'w' : '-';
        text += (bits & 1) != 0 ? 'x' : '-';
    }
    if ((mode & 04000) != 0) text[3] = text[3] == 'x' ? 's' : 'S';
    if ((mode & 02000) != 0) text[6] = text[6] == 'x' ? 's' : 'S';
    if ((mode & 01000) != 0) text[9] = text[9] == 'x' ? 't' : 'T';
    return text;
}

// "1970-01-01 00:00", in UTC.
std::string minute_text(std::uint32_t seconds) {
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day day(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                       clock.hours().count(), clock.minutes().count());
}

std::string shown_path(const Entry& entry) {
    return entry.path.empty() ? "." : entry.path;
}

void print_part(const Part& part, std::size_t number, std::ostream& out) {
    out << fmt::format("# part {}: {} at byte {}{}{}, {} entries, {} bytes", number, part.compression,
                       part.offset, part.section.empty() ? "" : " in ", part.section, part.entries,
                       part.length);
    if (part.compression != "none") out << fmt::format(", {} unpacked", part.unpacked);
    if (part.archives != 1) out << fmt::format(", {} archives", part.archives);
    out << '\n';
}

using PlainSizes = std::map<std::size_t, std::uint64_t>; // of compressed modules and firmware, by entry

std::size_t index_of(const Image& image, std::vector<Entry>::const_iterator entry) {
    return static_cast<std::size_t>(entry - image.entries().begin());
}

std::optional<std::uint64_t> plain_size(const PlainSizes& sizes, std::size_t entry) {
    const auto known = sizes.find(entry);
    return known == sizes.end() ? std::nullopt : std::optional(known->second);
}

void print_long(const Entry& entry, std::optional<std::uint64_t> plain, std::ostream& out) {
    const char type = type_letter(entry.mode);
    const std::string size = type == 'c' || type == 'b'
                                 ? fmt::format("{}, {}", entry.node_major, entry.node_minor)
                                 : std::to_string(entry.size);
    out << fmt::format("{} {:>2} {:>5} {:>5} {:>10} {} {}", mode_text(entry.mode), entry.links, entry.uid,
                       entry.gid, size, minute_text(entry.mtime), printable(shown_path(entry)));
    if (entry.is_link()) out << " -> " << printable(entry.target);
    if (plain) out << fmt::format(" ({} plain)", *plain);
    out << '\n';
}

void print_text(const Image& image, bool long_format, const PlainSizes& sizes, std::ostream& out) {
    auto entry = image.entries().begin();
    if (const auto& summary = image.summary(); !summary.container.empty())
        out << fmt::format("# {}: {} bytes around the initrd\n", summary.container, summary.outside);
    for (std::size_t i = 0; i < image.summary().parts.size(); ++i) {
        print_part(image.summary().parts[i], i + 1, out);
        for (; entry != image.entries().end() && entry->part == i; ++entry) {
            if (long_format)
                print_long(*entry, plain_size(sizes, index_of(image, entry)), out);
            else
                out << printable(shown_path(*entry)) << '\n';
        }
    }
}

void write_entry(const Entry& entry, std::optional<std::uint64_t> plain, JsonWriter& json) {
    json.begin_object()
        .field("path", shown_path(entry))
        .field("type", std::string(1, type_letter(entry.mode)));
    json.field("mode", fmt::format("{:04o}", entry.mode & 07777))
        .field("uid", entry.uid)
        .field("gid", entry.gid);
    json.field("links", entry.links).field("mtime", entry.mtime).field("size", entry.size);
    if (plain) json.field("plain", *plain);
    if (entry.is_link()) json.field("target", entry.target);
    if (const char type = type_letter(entry.mode); type == 'c' || type == 'b')
        json.field("major", entry.node_major).field("minor", entry.node_minor);
    json.field("archive", entry.archive).end_object();
}

void write_json(const Image& image, const PlainSizes& sizes, JsonWriter& json) {
    const image::ImageSummary& summary = image.summary();
    json.begin_object()
        .field("image", summary.name)
        .field("bytes", summary.size)
        .field("padding", summary.padding);
    if (!summary.container.empty())
        json.field("container", summary.container).field("outside", summary.outside);
    json.key("parts").begin_array();
    auto entry = image.entries().begin();
    for (std::size_t i = 0; i < summary.parts.size(); ++i) {
        const Part& part = summary.parts[i];
        json.begin_object().field("offset", part.offset).field("compression", part.compression);
        if (!part.section.empty()) json.field("section", part.section);
        json.field("bytes", part.length).field("unpacked", part.unpacked).field("archives", part.archives);
        json.key("entries").begin_array();
        for (; entry != image.entries().end() && entry->part == i; ++entry)
            write_entry(*entry, plain_size(sizes, index_of(image, entry)), json);
        json.end_array().end_object();
    }
    json.end_array().end_object();
}

} // namespace

int run_ls(const LsOptions& options, const CommandContext& context) {
    int code = exit_done;
    JsonWriter json;
    json.begin_array();
    for (const auto& file : options.images) {
        const auto image = Image::open(file);
        if (!image) {
            code = report(image.error(), context);
            continue;
        }
        for (const Problem& problem : image->summary().warnings)
            warn(problem, context);
        PlainSizes sizes;
        if (context.wants_json || options.long_format) {
            auto read = plain_sizes(*image);
            if (!read) {
                code = report(read.error(), context);
                continue;
            }
            sizes = std::move(*read);
        }
        if (context.wants_json) {
            write_json(*image, sizes, json);
            continue;
        }
        if (options.images.size() > 1) context.out << fmt::format("# {}\n", printable(file.string()));
        print_text(*image, options.long_format, sizes, context.out);
    }
    if (context.wants_json) context.out << json.end_array().text();
    return code;
}

} // namespace mkpxerd::cli
