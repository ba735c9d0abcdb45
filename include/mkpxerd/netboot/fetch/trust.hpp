// SPDX-License-Identifier: MIT
// What the image demands of the objects that it boots: with keys or a pin in the image nothing becomes code
// or configuration unverified, wherever it comes from (docs/signatures.md).
#pragma once

#include <map>
#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::netboot {

// Objects: "apkovl", "modloop", "root", "ssh_key".
class Trust {
  public:
    // pins: those of BootConfig. Errors: MPX-FETCH-11 a key that cannot be used.
    static Result<Trust> load(const System& system, std::map<std::string, std::string> pins);

    // The object must be verified: it has a pin, or the image has keys.
    bool covers(const std::string& object) const;
    bool has_keys() const { return !keys_.empty(); }
    // SHA-256 that the object must have, hexadecimal, lower case; empty: none is pinned.
    std::string pinned_sha256(const std::string& object) const;

    // Before anything is waited for. Errors: MPX-FETCH-13, MPX-FETCH-14.
    Result<void> check_plan(const BootOptions& options, const BootPlan& plan) const;
    // This boot does without the object. Errors: MPX-FETCH-14 it is pinned, and must not be missing.
    Result<void> check_absence(const std::string& object, const BootOptions& options) const;
    // What cannot be verified: an object, or "fstab: /usr from LABEL=usr". MPX-FETCH-13.
    Problem unverifiable(std::string object) const;
    // The path of what may be used of a file on a medium: the file, or a copy that was verified, because a
    // medium may give other bytes the next time. Errors: MPX-FETCH-08 to -10.
    Result<std::string> verified_copy(const System& system, Log& log, const std::string& object,
                                      const std::string& path) const;

  private:
    Trust(wrap::Ed25519Keys keys, std::map<std::string, std::string> pins)
        : keys_(std::move(keys)), pins_(std::move(pins)) {}
    Result<void> check_signature_beside(const System& system, Log& log, const std::string& object,
                                        const std::string& path, const std::string& sha256,
                                        const std::filesystem::path& bytes) const;

    wrap::Ed25519Keys keys_;
    std::map<std::string, std::string> pins_;
};

} // namespace mkpxerd::netboot
