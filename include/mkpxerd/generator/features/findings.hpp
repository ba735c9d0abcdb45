// SPDX-License-Identifier: MIT
// What a stage finds: problems that spoil the build, and holes (something that a feature names and the system
// lacks), which --lenient turns into warnings.
#pragma once

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::generator {

class Findings {
  public:
    explicit Findings(bool lenient) : lenient_(lenient) {}

    void problem(std::string object, std::string text, std::string hint = {}) {
        problems_.add(std::move(object), std::move(text), std::move(hint));
    }
    void problem(const Error& error) { problems_.add(error); }
    void warning(std::string object, std::string text) {
        warnings_.push_back({std::move(object), std::move(text), {}, {}});
    }
    void hole(std::string object, std::string text, std::string hint = {}) {
        if (lenient_) return warnings_.push_back({std::move(object), std::move(text), {}, {}});
        // mkinitfs's own lists were never written with '?'. Said once a stage.
        if (!told_lenient_ && object.find("etc/mkinitfs/features.d/") != std::string::npos) {
            told_lenient_ = true;
            hint += hint.empty() ? "use" : ", or use";
            hint += " --lenient, as these lists of mkinitfs name what a system need not have";
        }
        problem(std::move(object), std::move(text), std::move(hint));
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
