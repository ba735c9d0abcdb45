// SPDX-License-Identifier: MIT
// How the image verifies the objects that it boots: with keys or a pin, everything that becomes code or
// configuration must be verified, wherever it comes from (docs/signatures.md).
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
    // The pinned SHA-256 in hexadecimal, lower case; empty: not pinned.
    std::string pinned_sha256(const std::string& object) const;

    // Before the boot waits for anything. Errors: MPX-FETCH-13, MPX-FETCH-14.
    Result<void> check_plan(const BootOptions& options, const BootPlan& plan) const;
    // For a boot without the object. Errors: MPX-FETCH-14 it is pinned and not optional.
    Result<void> check_absence(const std::string& object, const BootOptions& options) const;
    // MPX-FETCH-13. object: "root=LABEL=x", or "fstab: /usr from LABEL=usr".
    Problem unverifiable(std::string object) const;
    // The path to use for a file on a medium: the file itself, or a verified copy, because a medium may
    // return other bytes the next time. Errors: MPX-FETCH-08 to -10.
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
