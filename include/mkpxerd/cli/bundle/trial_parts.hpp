// SPDX-License-Identifier: MIT
// What a trial is to boot -> what it needs for that, checked before anything starts.
#pragma once

#include <filesystem>
#include <optional>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/trial/trial.hpp"

namespace mkpxerd::cli {

struct TrialParts {
    deploy::TrialRequest request;
    std::vector<Problem> warnings;
};

// what: an image, or a bundle's directory. request: as the user gave it. memory: MiB, if the user chose it;
// otherwise the machine gets what the image needs, and at least the usual.
// Errors: a missing QEMU, firmware or kind of card; a file that is not an initrd or not a kernel; an
// incomplete bundle; a machine too small for the image.
Result<TrialParts> find_trial_parts(const std::filesystem::path& what, deploy::TrialRequest request,
                                    std::optional<std::uint64_t> memory);

} // namespace mkpxerd::cli
