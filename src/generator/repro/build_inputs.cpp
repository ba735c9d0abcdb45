// SPDX-License-Identifier: MIT
// Lists are read once more, so that they are there when the build stopped before it read them; what can be
// read only once is left out.
#include "mkpxerd/generator/repro/build_inputs.hpp"

#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"
#include "mkpxerd/secrets/secret_removal.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_input_bytes = std::uint64_t{256} << 20; // in all; a usual build has 10 MiB

// Of lib/modules/VERSION: what depmod writes, and what the kernel's build writes for it.
constexpr auto kernel_files = std::to_array<std::string_view>({
    "modules.alias",
    "modules.alias.bin",
    "modules.builtin",
    "modules.builtin.alias.bin",
    "modules.builtin.bin",
    "modules.builtin.modinfo",
    "modules.dep",
    "modules.dep.bin",
    "modules.devname",
    "modules.order",
    "modules.softdep",
    "modules.symbols",
    "modules.symbols.bin",
    "modules.weakdep",
});

class Collector {
  public:
    void add_settings(const SettingsRecord& settings) {
        for (const SettingsText& text : settings.texts)
            add_text(text.file, text.text);
    }
    void add_lists(const BuildRequest& request) {
        for (const TreePath& list : FeatureResolver(request.feature_dirs).lists())
            add_text(list);
        for (const TreePath& list : request.hardware)
            add_text(list);
        add_text(request.undeclared_firmware);
    }
    void add_kernel(const BuildRequest& request) {
        const auto kernel = find_kernel(request);
        if (!kernel) {
            for (const Problem& problem : kernel.error().problems())
                inputs_.left_out.push_back(problem);
            return;
        }
        inputs_.kernel_version = kernel->version;
        const Sysroot tree(request.kernel_root);
        for (const std::string_view name : kernel_files)
            add_unchanged(tree.file(kernel->directory) / name);
        inputs_.kernel_config = read_kernel_config(tree, kernel->version);
        if (inputs_.kernel_config)
            inputs_.kernel_config = text_without_secrets("config", *inputs_.kernel_config);
    }
    BuildInputs take() {
        for (auto& [path, content] : by_path_)
            inputs_.files.push_back({path, std::move(content)});
        return std::move(inputs_);
    }

  private:
    static std::string name_of(const fs::path& file) {
        std::error_code error;
        return fs::absolute(file, error).lexically_normal().relative_path().string();
    }
    void leave_out(const fs::path& file, std::string why) {
        inputs_.left_out.push_back({.object = file.string(), .text = std::move(why)});
    }

    // The content of a regular file that exists.
    std::optional<std::string> read(const TreePath& file) {
        const auto there = is_there(file);
        if (there && !*there) return std::nullopt;
        auto content = read_regular(file);
        if (content) return std::move(*content);
        inputs_.left_out.push_back(content.error().first());
        return std::nullopt;
    }

    void add_text(const TreePath& file) {
        if (file.empty()) return;
        if (const auto content = read(file)) add_text(file.host(), *content);
    }
    void add_text(const fs::path& file, std::string_view content) {
        if (auto text = text_without_secrets(name_of(file), content))
            add(file, std::move(*text));
        else
            leave_out(file, "contains a secret");
    }
    // A link in the tree may lead to any file, so the content is checked here, too.
    void add_unchanged(const TreePath& file) {
        auto content = read(file);
        if (!content) return;
        const std::string_view head = std::string_view(*content).substr(0, secret_head);
        const std::string_view window =
            std::string_view(*content).substr(0, secret_bytes_wanted(head, content->size()));
        if (const char* what = find_secret(name_of(file.host()), window, content->size()))
            leave_out(file.host(), what);
        else
            add(file.host(), std::move(*content));
    }
    void add(const fs::path& file, std::string content) {
        if (bytes_ + content.size() > max_input_bytes)
            return leave_out(file, fmt::format("is more than {} MiB with the others", max_input_bytes >> 20));
        bytes_ += content.size();
        by_path_.insert_or_assign(name_of(file), std::move(content));
    }

    std::map<std::string, std::string> by_path_;
    std::uint64_t bytes_ = 0;
    BuildInputs inputs_;
};

} // namespace

BuildInputs collect_inputs(const SettingsRecord& settings, const BuildRequest* request) {
    Collector collector;
    collector.add_settings(settings);
    if (request != nullptr) {
        collector.add_lists(*request);
        if (request->with_kernel) collector.add_kernel(*request);
    }
    return collector.take();
}

} // namespace mkpxerd::generator
