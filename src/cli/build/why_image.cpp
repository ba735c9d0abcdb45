// SPDX-License-Identifier: MIT
// First the image itself, then its lists, then the tree around.
#include "mkpxerd/cli/build/why_image.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/generator/modules/absence_finder.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/recorded_reasons.hpp"

namespace mkpxerd::cli {
namespace {

// What this machine, or a tree, has beside the image.
class Surroundings {
  public:
    Surroundings(const image::RecordedReasons& reasons, const generator::CommandOptions& build) {
        auto request = generator::load_request(build);
        if (!request) return;
        request->features.clear();
        for (const std::string& name : reasons.features())
            request->features.push_back({.name = name, .origin = {}});
        const auto finder = [&](const std::string& version) {
            auto made = generator::AbsenceFinder::make(*request, {}, version);
            return made ? std::optional(std::move(*made)) : std::nullopt;
        };
        own_ = finder(reasons.kernel_version());
        if (own_) return;
        own_ = finder({});
        request->kernel_version.clear();
        if (const auto kernel = generator::find_kernel(*request)) other_ = finder(kernel->version);
    }
    // The other names of a module.
    std::vector<std::string> names(const std::string& wanted) const {
        const auto& kernel = other_ ? other_ : own_;
        return kernel ? kernel->names(wanted) : std::vector<std::string>();
    }
    // image: as messages call it.
    std::optional<Problem> find(const std::string& wanted, const std::string& image) const {
        if (other_)
            if (std::string hint = other_->find_hint(wanted); !hint.empty())
                return Problem{.object = wanted, .text = "is not in " + image, .hint = std::move(hint)};
        if (!own_) return std::nullopt;
        return own_->find(wanted).value_or(std::nullopt);
    }

  private:
    std::optional<generator::AbsenceFinder> own_; // with the kernel of the image, or with none
    std::optional<generator::AbsenceFinder>
        other_; // with a similar kernel, whose built-in modules may differ
};

bool answer_recorded(const std::string& asked, const std::string& name, const image::RecordedReasons& reasons,
                     WhyAnswers& answers) {
    const auto found = reasons.find(name);
    for (const auto& answer : found)
        answers.add(asked, answer.path, {answer.bytes, answer.plain}, answer.why);
    return !found.empty();
}

// What the lists in the image tell of a module that it lacks.
std::optional<Problem> listed_absence(const std::string& what, const image::RecordedReasons& reasons) {
    if (const std::string builtin = reasons.builtin(what); !builtin.empty())
        return Problem{.object = what,
                       .text = fmt::format("is built into kernel {} ({})", reasons.kernel_version(), builtin),
                       .hint = "it works without a module"};
    if (const std::string feature = reasons.absent_driver(what); !feature.empty()) {
        const bool has_feature = std::ranges::find(reasons.features(), feature) != reasons.features().end();
        return Problem{
            .object = what,
            .text = fmt::format("is a driver of kernel {}, but not in this image", reasons.kernel_version()),
            .hint = has_feature
                        ? fmt::format("feature {} of this image names it, and --hardware left it out: "
                                      "build with the list of its machine, or without one",
                                      feature)
                        : fmt::format("build with -F +{}", feature)};
    }
    return std::nullopt;
}

// What the user names to look in must be there; this machine may well lack a kernel.
Result<void> check_named_directories(const generator::CommandOptions& build) {
    Problems problems;
    const auto check = [&](const char* option, const std::filesystem::path& directory) {
        std::error_code error;
        if (!std::filesystem::is_directory(directory, error))
            problems.add(option, fmt::format("{} is not a directory", directory.string()));
    };
    check("--basedir", build.basedir);
    for (const std::filesystem::path& directory : build.feature_dirs)
        check("--feature-dir", directory);
    if (const auto kernel_root = generator::text_of(build, "kernel-root"))
        check("--kernel-root", *kernel_root);
    return problems.finish();
}

} // namespace

bool wants_other_build(generator::CommandOptions build) {
    build.basedir = "/";
    build.feature_dirs.clear();
    std::erase_if(build.settings, [](const auto& setting) { return setting.first == "kernel-root"; });
    return wants_build(build);
}

std::vector<std::filesystem::path> files_around(const generator::CommandOptions& build) {
    const std::filesystem::path kernel_root = generator::kernel_tree(build);
    std::vector<std::filesystem::path> files = build.feature_dirs;
    for (const char* lists : {"etc/mkinitfs", "etc/mkpxerd"})
        files.push_back(build.basedir / lists);
    for (const char* directory : {"lib/modules", "usr/lib/modules", "lib/firmware", "usr/lib/firmware"})
        files.push_back(kernel_root / directory);
    for (const char* data : {"features.d", "firmware.d", "profiles"}) // links, where nothing is installed
        files.push_back(build.data_dir / data);
    return files;
}

Result<int> explain_image(const std::filesystem::path& image, const std::vector<std::string>& wanted,
                          const generator::CommandOptions& build, WhyAnswers& answers) {
    MKPXERD_TRY(check_named_directories(build));
    MKPXERD_TRY_ASSIGN(const auto reasons, image::RecordedReasons::read(image));
    const std::string name = image.string();
    std::optional<Surroundings> around; // for the first name that the image does not know
    for (const std::string& what : wanted) {
        if (answer_recorded(what, what, reasons, answers)) continue;
        auto absence = listed_absence(what, reasons);
        if (!absence) {
            if (!around) around.emplace(reasons, build);
            const auto names = around->names(what);
            if (std::ranges::any_of(names, [&](const std::string& other) {
                    return answer_recorded(what, other, reasons, answers);
                }))
                continue;
            absence = around->find(what, name);
        }
        if (absence)
            answers.add_absent(*absence);
        else
            answers.add_unknown(what, fmt::format("is not in {}", name), reasons.names(),
                                fmt::format("a tree with its kernel can tell more: mkpxerd why --image {} "
                                            "--kernel-root DIR {}",
                                            name, what));
    }
    return answers.finish();
}

} // namespace mkpxerd::cli
