// SPDX-License-Identifier: MIT
// What the image asks to be verified, and what becomes of it where that cannot be done: with keys or a pin in
// the image nothing becomes code or configuration unverified, wherever it comes from (docs/signatures.md).
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/netboot/boot/boot.hpp"
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

} // namespace

Result<void> Boot::load_keys() {
    MKPXERD_TRY_ASSIGN(auto keys, wrap::Ed25519Keys::load(system_.host(key_directory)));
    keys_.emplace(std::move(keys));
    return {};
}

bool Boot::is_checked(const std::string& object) const {
    const auto pin = config_.pins.find(object);
    return pin == config_.pins.end() ? !keys_->empty() : pin->second != pin_any;
}

Problem Boot::unverifiable(std::string object) const {
    return {std::move(object),
            fmt::format("cannot be verified, and the image {}",
                        keys_->empty() ? "pins its root" : "has keys: what it boots must be signed"),
            "root= of a URL can be; an image built with --pin root=any takes devices and NFS as they are",
            Failure::Unverifiable};
}

Result<void> Boot::check_plan() const {
    Problems problems;
    if (is_checked("root")) {
        if (plan_.root && plan_.root->kind != Source::Kind::Url)
            problems.add(unverifiable("root=" + plan_.root->text()));
        if (!options_.resume.empty()) problems.add(unverifiable("resume=" + options_.resume));
        if (!plan_.root && config_.pins.contains("root")) problems.add(not_taken("root"));
    }
    return problems.finish();
}

Problem Boot::not_taken(const std::string& object) {
    return {
        object, "is pinned in the image, and this boot takes none",
        fmt::format("give {0}=, allow for it with mkpxerd.optional= (apkovl, modloop), or build the image "
                    "without --pin {0}=",
                    object),
        Failure::PinNotTaken};
}

Result<void> Boot::check_absence(const std::string& object) const {
    if (!config_.pins.contains(object) || options_.optional_objects.contains(object)) return {};
    return fail(Error(not_taken(object)));
}

// What is fetched is verified by the fetcher; this is what lies on a medium. A medium may give other bytes
// the next time: what was verified is a copy in memory, and the copy is used.
Result<std::string> Boot::verified_copy(const std::string& name, const std::string& path) {
    if (!is_checked(name)) return path;
    const auto pin = config_.pins.find(name);
    const std::filesystem::path source(path);
    const std::string copy = fmt::format("{}/{}/{}", run_downloads, name, source.filename().string());
    MKPXERD_TRY_ASSIGN(const UniqueFd medium, open_regular(system_.host(path)));
    MKPXERD_TRY_ASSIGN(DownloadFile file, DownloadFile::create(system_.host(copy)));
    file.hash();
    std::vector<char> buffer(copy_bytes);
    for (std::size_t got = buffer.size(); got == buffer.size();) {
        MKPXERD_TRY_ASSIGN(
            got, read_at(medium.get(), file.size(), std::as_writable_bytes(std::span(buffer)), source));
        MKPXERD_TRY(file.write(std::span(buffer).first(got)));
    }
    const std::string actual = file.digest();
    if (pin == config_.pins.end()) {
        MKPXERD_TRY(check_signed(name, path, actual, file.path()));
    } else if (actual != pin->second) {
        return fail(path, fmt::format("has the SHA-256 {}, not {}", actual, pin->second),
                    "it was replaced, or the image was built for another one", Failure::WrongHash);
    }
    MKPXERD_TRY(file.commit());
    return copy;
}

// The signature lies beside the file.
Result<void> Boot::check_signed(const std::string& name, const std::string& path, const std::string& sha256,
                                const std::filesystem::path& bytes) {
    const std::string signature_at = path + ".sig";
    const auto signature = read_regular(system_.host(signature_at), largest_signature);
    if (!signature)
        return fail(signature_at,
                    fmt::format("there is no signature, and the image asks for one: {}",
                                signature.error().first().text),
                    "sign it (docs/signatures.md), or build the image with --pin", Failure::NotSigned);
    MKPXERD_TRY_ASSIGN(const std::string signer, check_signature({name, name_on_medium(path), sha256}, *keys_,
                                                                 *signature, path, signature_at, bytes));
    log_.detail(fmt::format("{}: signed by {}", name, signer));
    return {};
}

} // namespace mkpxerd::netboot
