// SPDX-License-Identifier: MIT
// Verifies files on a medium. The fetcher verifies downloads, with the pins from here.
#include "mkpxerd/netboot/fetch/trust.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/netboot/fetch/download_file.hpp"
#include "mkpxerd/netboot/fetch/verification.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t copy_bytes = std::size_t{1} << 20; // read at once

// "/media/sda1/boot/modloop-lts" -> "/boot/modloop-lts": media are mounted one directory below /media.
std::string name_on_medium(const std::string& path) {
    return path.substr(path.find('/', std::string_view("/media/").size()));
}

Problem pin_not_taken(const std::string& object) {
    return {.object = object,
            .text = "is pinned in the image, but this boot does not use it",
            .hint = fmt::format("give {0}=, permit it with mkpxerd.optional= (apkovl, modloop), or build the "
                                "image without --pin {0}=",
                                object),
            .code = Failure::PinNotTaken};
}

} // namespace

Result<Trust> Trust::load(const System& system, std::map<std::string, std::string> pins) {
    MKPXERD_TRY_ASSIGN(auto keys, wrap::Ed25519Keys::load(system.host(key_directory)));
    return Trust(std::move(keys), std::move(pins));
}

bool Trust::covers(const std::string& object) const {
    const auto pin = pins_.find(object);
    return pin == pins_.end() ? has_keys() : pin->second != pin_any;
}

std::string Trust::pinned_sha256(const std::string& object) const {
    const auto pin = pins_.find(object);
    return pin == pins_.end() || pin->second == pin_any ? std::string() : pin->second;
}

Problem Trust::unverifiable(std::string object) const {
    return {
        .object = std::move(object),
        .text = fmt::format("cannot be verified, and the image {}",
                            has_keys() ? "has keys: what it boots must be signed" : "pins its root"),
        .hint =
            "root= with a URL can be; an image built with --pin root=any accepts unverified devices and NFS",
        .code = Failure::Unverifiable};
}

Result<void> Trust::check_plan(const BootOptions& options, const BootPlan& plan) const {
    Problems problems;
    if (covers("root")) {
        if (plan.root && get_source<UrlSource>(plan.root) == nullptr)
            problems.add(unverifiable("root=" + to_text(*plan.root)));
        if (!options.resume.empty()) problems.add(unverifiable("resume=" + options.resume));
        if (!plan.root && pins_.contains("root")) problems.add(pin_not_taken("root"));
    }
    return problems.finish();
}

Result<void> Trust::check_absence(const std::string& object, const BootOptions& options) const {
    if (!pins_.contains(object) || options.optional_objects.contains(object)) return {};
    return fail(Error(pin_not_taken(object)));
}

Result<std::string> Trust::verified_copy(const System& system, Log& log, const std::string& object,
                                         const std::string& path) const {
    if (!covers(object)) return path;
    const std::filesystem::path source(path);
    const std::string copy = fmt::format("{}/{}/{}", run_downloads, object, source.filename().string());
    MKPXERD_TRY_ASSIGN(const UniqueFd medium, open_regular(system.host(path)));
    MKPXERD_TRY_ASSIGN(DownloadFile file, DownloadFile::create(system.host(copy)));
    file.hash();
    std::vector<char> buffer(copy_bytes);
    for (std::size_t got = buffer.size(); got == buffer.size();) {
        MKPXERD_TRY_ASSIGN(
            got, read_at(medium.get(), file.size(), std::as_writable_bytes(std::span(buffer)), source));
        MKPXERD_TRY(file.write(std::span(buffer).first(got)));
    }
    const std::string actual = file.digest();
    if (const std::string pinned = pinned_sha256(object); pinned.empty())
        MKPXERD_TRY(check_signature_beside(system, log, object, path, actual, file.path()));
    else
        MKPXERD_TRY(check_sha256(path, pinned, actual));
    MKPXERD_TRY(file.commit());
    return copy;
}

// The signature lies beside the file.
Result<void> Trust::check_signature_beside(const System& system, Log& log, const std::string& object,
                                           const std::string& path, const std::string& sha256,
                                           const std::filesystem::path& bytes) const {
    const std::string signature_at = path + ".sig";
    const auto signature = read_regular(system.host(signature_at), largest_signature);
    if (!signature)
        return fail(signature_at,
                    fmt::format("the signature is missing, and the image requires one: {}",
                                signature.error().first().text),
                    "sign the object (docs/signatures.md), or build the image with --pin",
                    Failure::NotSigned);
    MKPXERD_TRY_ASSIGN(const std::string signer,
                       check_signature({.role = object, .name = name_on_medium(path), .sha256 = sha256},
                                       keys_, *signature, path, signature_at, bytes));
    log.detail(LogSubject::Fetch, fmt::format("{}: signed by {}", object, signer));
    return {};
}

} // namespace mkpxerd::netboot
