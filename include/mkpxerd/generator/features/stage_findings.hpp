// SPDX-License-Identifier: MIT
// The findings of a stage: problems, which fail the build, and holes (objects that a feature names and the
// system lacks), which --lenient turns into warnings.
#pragma once

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::generator {

class StageFindings {
  public:
    explicit StageFindings(bool lenient) : lenient_(lenient) {}

    void problem(std::string object, std::string text, std::string hint = {},
                 SourcePlace place = SourcePlace::here()) {
        problems_.add(std::move(object), std::move(text), std::move(hint), place);
    }
    void problem(const Error& error) { problems_.add(error); }
    void warning(std::string object, std::string text) {
        warnings_.push_back({.object = std::move(object), .text = std::move(text)});
    }
    void hole(std::string object, std::string text, std::string hint = {},
              SourcePlace place = SourcePlace::here()) {
        if (lenient_) return warning(std::move(object), std::move(text));
        // mkinitfs' own lists do not use '?'. Added once per stage.
        if (!told_lenient_ && object.find("etc/mkinitfs/features.d/") != std::string::npos) {
            told_lenient_ = true;
            hint += hint.empty() ? "use" : ", or use";
            hint += " --lenient: these lists of mkinitfs name files that not every system has";
        }
        problem(std::move(object), std::move(text), std::move(hint), place);
    }

    // Fails with all problems, if there are any.
    Result<void> finish() const { return problems_.finish(); }
    const std::vector<Problem>& warnings() const { return warnings_; }

  private:
    bool lenient_;
    bool told_lenient_ = false;
    Problems problems_;
    std::vector<Problem> warnings_;
};

} // namespace mkpxerd::generator
