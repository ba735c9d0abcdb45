// SPDX-License-Identifier: MIT
// A path from the user is one of this machine; a path from a tree stays in that tree.
#include "mkpxerd/generator/archive/output_choice.hpp"

#include <fmt/format.h>

namespace mkpxerd::generator {
namespace {

TreeOutput default_output(const BuildRequest& request, const std::string& version) {
    if (request.output_of_tree) return *request.output_of_tree;
    const auto dash = version.rfind('-');
    const std::string flavour = version.empty()             ? "generic"
                                : dash == std::string::npos ? "vanilla"
                                                            : version.substr(dash + 1);
    return {.tree = request.basedir, .path = "boot/initramfs-" + flavour, .origin = {}};
}

} // namespace

std::filesystem::path output_path(const BuildRequest& request, const std::string& kernel_version) {
    if (!request.output.empty()) return request.output;
    const TreeOutput output = default_output(request, kernel_version);
    return TreePath(output.tree, output.path).host();
}

Result<OutputPlace> find_output_place(const BuildRequest& request, const std::string& kernel_version) {
    if (!request.output.empty()) return find_output(request.output);
    const TreeOutput output = default_output(request, kernel_version);
    auto found = output_in_tree(output.tree, output.path);
    if (found || output.origin == Origin{}) return found;
    const Problem& first = found.error().first();
    return fail(output.origin.text(), fmt::format("{} {}", first.object, first.text),
                "a tree can only name paths inside itself; -o names a file of this machine");
}

Result<unsigned> choose_mode(const BuildRequest& request, const std::vector<Problem>& secrets) {
    if (!request.mode) return secrets.empty() || request.allow_secrets ? 0644U : 0600U;
    if (secrets.empty() || request.allow_secrets || (*request.mode & 077U) == 0) return *request.mode;
    Problems problems;
    for (const Problem& secret : secrets)
        problems.add(secret.object,
                     fmt::format("{}, but mode {:04o} lets others read it", secret.text, *request.mode),
                     "use --mode 0600, or --allow-secrets");
    MKPXERD_TRY(problems.finish());
    return *request.mode;
}

} // namespace mkpxerd::generator
