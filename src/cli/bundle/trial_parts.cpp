// SPDX-License-Identifier: MIT
// What QEMU or the kernel would report late and in their own words is reported here, before anything starts.
#include "mkpxerd/cli/bundle/trial_parts.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/deploy/bundle/bundle_lines.hpp"
#include "mkpxerd/deploy/bundle/kernel_image.hpp"
#include "mkpxerd/deploy/trial/network_cards.hpp"
#include "mkpxerd/deploy/trial/trial_plan.hpp"
#include "mkpxerd/generator/archive/memory_estimate.hpp"
#include "mkpxerd/generator/modules/kernel_size.hpp"
#include "mkpxerd/image/image_facts.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned mebibyte_bits = 20;
constexpr std::size_t longest_script = std::size_t{1} << 20; // bytes
constexpr const char* make_again = "run mkpxerd bundle again";
const std::string boot_config(boot_config_path);

class PartsFinder {
  public:
    PartsFinder(const fs::path& what, deploy::TrialRequest request, std::optional<std::uint64_t> memory)
        : what_(what), memory_(memory) {
        parts_.request = std::move(request);
    }
    Result<TrialParts> find();

  private:
    void find_image();
    void find_bundle();
    void check_emulator();
    std::optional<image::Image> open_image(const fs::path& file);
    void check_kernel(const fs::path& file, const char* hint);
    void choose_memory(const image::Image& image, const fs::path& kernel);

    const fs::path& what_;
    std::optional<std::uint64_t> memory_;
    TrialParts parts_;
    Problems problems_;
};

std::optional<image::Image> PartsFinder::open_image(const fs::path& file) {
    std::error_code error;
    if (file == "-" || (fs::exists(file, error) && !fs::is_regular_file(file, error))) {
        problems_.add(file.string(), "is not a file: QEMU loads an image by its name");
        return std::nullopt;
    }
    if (const auto unreadable = deploy::find_unreadable(file)) {
        problems_.add(*unreadable);
        return std::nullopt;
    }
    auto image = image::Image::open(file, {boot_config});
    if (!image) {
        const Problem& reason = image.error().first();
        problems_.add(fs::exists(file, error)
                          ? Problem{.object = file.string(),
                                    .text = "is not a whole initrd: " + reason.text,
                                    .hint = reason.hint.empty() ? "mkpxerd -o FILE writes one" : reason.hint}
                          : reason);
        return std::nullopt;
    }
    if (!image->summary().container.empty()) {
        problems_.add(file.string(), fmt::format("is a {}: a trial boots an initrd, with a kernel beside it",
                                                 image->summary().container));
        return std::nullopt;
    }
    if (image->kept(boot_config) == nullptr && parts_.request.expected.empty())
        parts_.warnings.push_back(
            {.object = file.string(),
             .text = "is not an image of mkpxerd: what its init prints does not end the trial",
             .hint = "--expect TEXT waits for a text of it"});
    if (image->kept(boot_config) == nullptr && parts_.request.wants_report)
        parts_.warnings.push_back({.object = file.string(),
                                   .text = "is not an image of mkpxerd: its init writes no report",
                                   .hint = {}});
    return std::move(*image);
}

void PartsFinder::check_kernel(const fs::path& file, const char* hint) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        problems_.add(file.string(), "is not a file", hint);
        return;
    }
    if (const auto unreadable = deploy::find_unreadable(file)) {
        problems_.add(*unreadable);
        return;
    }
    const auto doubt = deploy::check_kernel_image(file, {});
    if (!doubt)
        problems_.add(doubt.error());
    else if (*doubt)
        problems_.add((*doubt)->object, (*doubt)->text, hint);
}

// Less than the content alone cannot work. Between that and the estimate it may: a root on the command line
// gives the image all memory instead of half of it.
void PartsFinder::choose_memory(const image::Image& image, const fs::path& kernel) {
    std::vector<generator::ReportedEntry> contents;
    std::uint64_t bytes = image.summary().size;
    for (const image::Entry& entry : image.entries()) {
        contents.push_back({.path = {}, .bytes = entry.size, .why = {}});
        bytes += entry.size;
    }
    generator::MemoryFacts facts;
    facts.image_bytes = image.summary().size;
    if (const auto file = MappedFile::open(kernel))
        facts.kernel_bytes = generator::kernel_size(file->bytes());
    for (const image::Part& part : image.summary().parts)
        facts.compressions.push_back(part.compression);
    const auto need = (generator::memory_needed(contents, facts).without_root >> mebibyte_bits) + 1;
    std::uint64_t& chosen = parts_.request.memory;
    if (!memory_) {
        chosen = std::max(chosen, need);
        return;
    }
    chosen = *memory_;
    const std::string object = fmt::format("--memory {}M", chosen);
    const std::string text = fmt::format("the image needs about {}M", need);
    if (chosen <= bytes >> mebibyte_bits)
        problems_.add(object, text + " to be unpacked");
    else if (chosen < need)
        parts_.warnings.push_back({.object = object, .text = text + ", so the kernel may not unpack it"});
}

void PartsFinder::find_image() {
    deploy::TrialRequest& request = parts_.request;
    request.image = what_;
    const auto image = open_image(what_);
    if (!request.kernel.empty()) {
        check_kernel(request.kernel, "name the kernel, vmlinuz, by --kernel");
        if (image) choose_memory(*image, request.kernel);
        return;
    }
    if (!image) return;
    const std::string* text = image->kept(boot_config);
    const auto config = text != nullptr ? parse_boot_config(*text) : BootConfig{};
    const fs::path directory = directory_of(what_);
    auto kernel =
        deploy::find_kernel_image({directory, directory / "kernel/boot", directory / "boot", "/boot"},
                                  config ? config->kernel_version : "");
    if (!kernel) {
        problems_.add(kernel.error());
        return;
    }
    request.kernel = kernel->host();
    check_kernel(request.kernel, "name another kernel by --kernel");
    choose_memory(*image, request.kernel);
}

// The names that the script loads; who wrote a script of his own may have others.
void PartsFinder::find_bundle() {
    deploy::TrialRequest& request = parts_.request;
    request.bundle = what_;
    const auto script = read_regular(what_ / "boot.ipxe", longest_script);
    std::error_code error;
    if (!script) {
        if (fs::exists(what_ / "boot.ipxe", error))
            problems_.add(script.error());
        else
            problems_.add(deploy::no_bundle(what_));
        return;
    }
    for (const char* name : {"vmlinuz", "pxerd"}) {
        const fs::path file = what_ / name;
        const bool is_loaded = script->find(fmt::format("${{base}}/{}", name)) != std::string::npos;
        if (is_loaded && !fs::exists(file, error))
            problems_.add(file.string(), "is missing: boot.ipxe loads it", make_again);
    }
    if (fs::exists(what_ / "vmlinuz", error)) check_kernel(what_ / "vmlinuz", make_again);
    if (!fs::exists(what_ / "pxerd", error)) return;
    const auto image = open_image(what_ / "pxerd");
    if (!image) return;
    choose_memory(*image, what_ / "vmlinuz");
    if (const auto facts = image::ImageFacts::read(what_ / "pxerd")) {
        request.baked = facts->config().cmdline;
        request.has_apk = facts->has_apk();
    }
}

void PartsFinder::check_emulator() {
    const auto emulator = deploy::find_emulator(parts_.request.uefi);
    if (!emulator) {
        problems_.add(emulator.error());
        return;
    }
    if (const auto cards = deploy::check_network_cards(emulator->program, parts_.request.network_cards);
        !cards)
        problems_.add(cards.error());
}

Result<TrialParts> PartsFinder::find() {
    check_emulator();
    std::error_code error;
    if (fs::is_directory(what_, error))
        find_bundle();
    else
        find_image();
    MKPXERD_TRY(problems_.finish());
    return std::move(parts_);
}

} // namespace

Result<TrialParts> find_trial_parts(const fs::path& what, deploy::TrialRequest request,
                                    std::optional<std::uint64_t> memory) {
    return PartsFinder(what, std::move(request), memory).find();
}

} // namespace mkpxerd::cli
