// SPDX-License-Identifier: MIT
// _request_firmware() of drivers/base/firmware_loader/main.c adds .zst, then .xz to the name that a driver
// asks for. A link to a file must have the suffix as well, on both sides.
#include "mkpxerd/generator/modules/firmware_forms.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/compressed_firmware.hpp"
#include "mkpxerd/generator/modules/file_packs.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t largest_firmware = std::size_t{256} << 20; // unpacked; the largest has 30 MB
// Drivers that read their firmware in parts (request_partial_firmware_into_buf()), which the loader refuses
// for compressed files (FW_OPT_PARTIAL).
constexpr std::array<std::string_view, 1> partial_readers = {"bcm_vk"};

std::optional<wrap::Packing> packing_of(const FirmwareFormOptions& options) {
    if (!options.modules || !options.kernel_config) return std::nullopt;
    const auto loads = [&](wrap::Format format) {
        return missing_to_load_firmware(*options.kernel_config, format).empty();
    };
    const bool is_smallest = *options.modules == wrap::packing_xz;
    if (is_smallest && loads(wrap::Format::Xz)) return wrap::packing_xz;
    if (loads(wrap::Format::Zstd)) return wrap::packing_zstd;
    if (loads(wrap::Format::Xz)) return wrap::packing_fast_xz;
    return std::nullopt;
}

// The files of an image with the links that lead to each.
class FirmwareNames {
  public:
    explicit FirmwareNames(std::vector<Firmware>& firmware) {
        for (Firmware& each : firmware) {
            all_[each.path] = &each;
            if (!each.leads_to.empty()) links_[each.leads_to].push_back(&each);
        }
    }

    // False, and nothing changes: another file has such a name.
    bool add_suffix(Firmware& file, std::string_view suffix) {
        return rename(file, [&](std::string& name) {
            name += suffix;
            return true;
        });
    }
    // False as well if one of the names has another suffix.
    bool remove_suffix(Firmware& file, std::string_view suffix) {
        return rename(file, [&](std::string& name) {
            if (!name.ends_with(suffix)) return false;
            name.resize(name.size() - suffix.size());
            return true;
        });
    }

  private:
    template <class Change>
    bool rename(Firmware& file, Change change) {
        std::vector<std::pair<std::string*, std::string>> names{{&file.path, file.path}};
        for (Firmware* link : links_[file.path]) {
            names.emplace_back(&link->path, link->path);
            names.emplace_back(&link->target, link->target);
        }
        for (auto& [place, name] : names)
            if (!change(name) || (is_path(place) && all_.contains(name))) return false;
        for (auto& [place, name] : names)
            *place = std::move(name);
        return true;
    }
    bool is_path(const std::string* place) const {
        const auto known = all_.find(*place);
        return known != all_.end() && &known->second->path == place;
    }

    std::map<std::string, Firmware*> all_; // by the path in the tree
    std::map<std::string, std::vector<Firmware*>> links_;
};

// nullopt: it cannot be unpacked.
std::optional<std::uint64_t> unpacked_size(wrap::Format format, std::span<const std::byte> bytes,
                                           const std::string& name) {
    std::uint64_t size = 0;
    const auto count = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        size += piece.size();
        return size > largest_firmware ? Result<void>(fail(name, "is too large")) : Result<void>();
    };
    return wrap::decompress_file(format, bytes, count, name) ? std::optional(size) : std::nullopt;
}

// What stays refused is warned about: check_compressed_firmware().
void unpack_refused(Firmware& file, const std::optional<std::string>& config, FirmwareNames& names) {
    if (firmware_refusal(file, config).empty()) return;
    const auto mapped = MappedFile::open(file.source);
    if (!mapped) return;
    const auto encoding = wrap::recognize_encoding(mapped->bytes());
    if (!encoding || !encoding->format) return;
    const auto size = unpacked_size(*encoding->format, mapped->bytes(), file.source.string());
    if (!size || !names.remove_suffix(file, firmware_suffix(file.path))) return;
    file.form = CompressedFile{.source = file.source, .format = *encoding->format};
    file.size = *size;
}

bool may_be_packed(const Firmware& file) {
    return file.target.empty() && !file.form && firmware_suffix(file.path).empty() &&
           std::ranges::find(partial_readers, file.reason.from) == partial_readers.end();
}

} // namespace

Result<void> choose_firmware_forms(std::vector<Firmware>& firmware, const FirmwareFormOptions& options) {
    FirmwareNames names(firmware);
    for (Firmware& file : firmware) {
        file.is_packed = file.target.empty() && !firmware_suffix(file.path).empty();
        if (file.is_packed) unpack_refused(file, options.kernel_config, names);
        if (file.form) file.is_packed = false;
    }
    if (const auto packing = packing_of(options)) {
        std::vector<PackableFile> plain;
        for (const Firmware& file : firmware)
            if (may_be_packed(file)) plain.push_back({.source = file.source, .size = file.size});
        FilePacks packs(*packing, options.cache);
        MKPXERD_TRY(packs.pack(plain, options.progress));
        for (Firmware& file : firmware) {
            if (!may_be_packed(file)) continue;
            const PackedContent& packed = packs.of(file.source);
            if (!packed.shrinks || !names.add_suffix(file, wrap::packing_suffix(packing->format))) continue;
            file.form = packs.content({file.source, file.size});
            file.size = packed.size;
            file.is_packed = true;
        }
    }
    std::ranges::sort(firmware, {}, &Firmware::path);
    return {};
}

} // namespace mkpxerd::generator
