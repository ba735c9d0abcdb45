// SPDX-License-Identifier: MIT
// Distributes the bytes of the file along the stream, so that the shares add up exactly.
#include "mkpxerd/image/size_report.hpp"

#include <algorithm>
#include <map>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/image/module_path.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t largest_shown = 10;

// The bytes of the file for the first `position` unpacked bytes of the part. Assumes an even density between
// two checkpoints. Monotone, so that differences are never negative.
std::uint64_t compressed_at(const Part& part, std::uint64_t position) {
    if (part.checkpoints.empty()) return position;
    const auto above = std::ranges::lower_bound(part.checkpoints, position, {}, &Checkpoint::unpacked);
    if (above == part.checkpoints.end()) return part.length;
    const Checkpoint below = above == part.checkpoints.begin() ? Checkpoint{} : *(above - 1);
    const std::uint64_t width = above->unpacked - below.unpacked;
    if (width == 0) return above->compressed;
    const auto share = static_cast<double>(position - below.unpacked) / static_cast<double>(width);
    return below.compressed +
           static_cast<std::uint64_t>(share * static_cast<double>(above->compressed - below.compressed));
}

// The bytes of an entry, or of what belongs to none.
struct Share {
    std::uint64_t unpacked = 0;
    std::uint64_t plain = 0;
    std::uint64_t compressed = 0;
};

class Table {
  public:
    void add(const std::string& name, const Share& share, std::size_t entries = 1) {
        SizeRow& row = rows_[name];
        row.name = name;
        row.entries += entries;
        row.unpacked += share.unpacked;
        row.plain += share.plain;
        row.compressed += share.compressed;
    }
    std::vector<SizeRow> sorted() const {
        std::vector<SizeRow> rows;
        for (const auto& [name, row] : rows_)
            rows.push_back(row);
        std::ranges::stable_sort(rows, [](const SizeRow& a, const SizeRow& b) {
            return std::pair(a.compressed, a.unpacked) > std::pair(b.compressed, b.unpacked);
        });
        return rows;
    }

  private:
    std::map<std::string, SizeRow> rows_;
};

std::string kind_of(const Entry& entry) {
    const std::string_view path = entry.path;
    if (!module_family(path).empty()) return "modules";
    if (!firmware_path(path).empty()) return "firmware";
    if (!entry.is_regular()) return "directories, links, nodes";
    if (path == "init") return "init";
    if (module_directory_path(path)) return "module lists";
    if (path.find(".so.") != std::string_view::npos || path.ends_with(".so")) return "libraries";
    if ((entry.mode & 0111) != 0) return "programs";
    return "other files";
}

// Path -> its feature: by its own line, or by the end of its chain of dependencies.
class FeatureFinder {
  public:
    explicit FeatureFinder(const std::vector<Provenance>& reasons) {
        for (const Provenance& reason : reasons) {
            by_path_[reason.path] = &reason;
            if (const std::string module = module_name(reason.path); !module.empty())
                by_module_[module] = &reason;
        }
    }
    bool empty() const { return by_path_.empty(); }
    const std::string& feature(const std::string& path) {
        const Provenance* reason = find(by_path_, path);
        auto [known, is_new] = known_.try_emplace(reason);
        if (is_new) known->second = end_of_chain(reason);
        return known->second;
    }

  private:
    std::string end_of_chain(const Provenance* reason) const {
        for (int steps = 0; reason != nullptr && steps < chain_limit; ++steps) {
            if (!reason->feature.empty()) return reason->feature;
            if (reason->from.empty()) break;
            const Provenance* module = find(by_module_, reason->from);
            reason = module != nullptr ? module : find(by_path_, reason->from);
        }
        return "(every image)";
    }

    using Index = std::map<std::string, const Provenance*>;
    static const Provenance* find(const Index& index, const std::string& key) {
        const auto found = index.find(key);
        return found == index.end() ? nullptr : found->second;
    }
    static constexpr int chain_limit = 100; // a hostile image could contain a loop
    Index by_path_;
    Index by_module_;
    std::map<const Provenance*, std::string> known_; // each chain is followed once
};

std::string first_directory(std::string_view path) {
    const auto slash = path.find('/');
    return slash == std::string_view::npos ? "(no directory)" : std::string(path.substr(0, slash));
}

} // namespace

SizeReport measure(const Image& image, const std::vector<Provenance>& reasons,
                   const std::map<std::size_t, std::uint64_t>& plain) {
    const ImageSummary& summary = image.summary();
    FeatureFinder finder(reasons);
    SizeReport report;
    report.file = summary.size;
    report.has_compressed = !plain.empty();
    Table kinds;
    Table families;
    Table firmware;
    Table features;
    Table single;
    std::vector<std::uint64_t> unpacked_rest; // of each part: trailers and padding
    std::vector<std::uint64_t> compressed_rest;
    for (const Part& part : summary.parts) {
        report.unpacked += part.unpacked;
        report.exact = report.exact && part.compression == "none";
        unpacked_rest.push_back(part.unpacked);
        compressed_rest.push_back(part.length);
    }
    for (std::size_t i = 0; i < image.entries().size(); ++i) {
        const Entry& entry = image.entries()[i];
        const Part& part = summary.parts[entry.part];
        // The end of the last entry may be in missing padding.
        const std::uint64_t end = std::min(entry.end, part.unpacked);
        const std::uint64_t unpacked = end - entry.begin;
        const std::uint64_t compressed = compressed_at(part, end) - compressed_at(part, entry.begin);
        unpacked_rest[entry.part] -= unpacked;
        compressed_rest[entry.part] -= compressed;
        const auto known = plain.find(i);
        const std::uint64_t body = std::min<std::uint64_t>(entry.size, unpacked);
        const Share share{.unpacked = unpacked,
                          .plain = known == plain.end() ? unpacked : unpacked - body + known->second,
                          .compressed = compressed};
        kinds.add(kind_of(entry), share);
        single.add(entry.path.empty() ? "." : entry.path, share);
        if (const std::string family = module_family(entry.path); !family.empty())
            families.add(family, share);
        if (const auto blob = firmware_path(entry.path); !blob.empty())
            firmware.add(first_directory(blob), share);
        if (!finder.empty()) features.add(finder.feature(entry.path), share);
    }
    Share rest{.compressed = summary.padding};
    for (std::size_t i = 0; i < summary.parts.size(); ++i) {
        rest.unpacked += unpacked_rest[i];
        rest.compressed += compressed_rest[i];
    }
    rest.plain = rest.unpacked;
    const Share outside{.compressed = summary.outside};
    kinds.add("(archive)", rest, 0);
    if (summary.outside > 0) kinds.add("(container)", outside, 0);
    if (!finder.empty()) {
        features.add("(archive)", rest, 0);
        if (summary.outside > 0) features.add("(container)", outside, 0);
    }
    report.kinds = kinds.sorted();
    report.families = families.sorted();
    report.firmware = firmware.sorted();
    report.features = features.sorted();
    report.largest = single.sorted();
    if (report.largest.size() > largest_shown) report.largest.resize(largest_shown);
    return report;
}

} // namespace mkpxerd::image
