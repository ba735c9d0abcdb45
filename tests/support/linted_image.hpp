// SPDX-License-Identifier: MIT
// Images for `lint`, by what matters to a command line, and its findings as text.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "image_file.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::test {

inline std::string text_of(const std::vector<image::Finding>& findings) {
    std::string text;
    for (const image::Finding& finding : findings)
        text += std::string(to_text(finding.severity)) + ": " +
                to_text({.object = finding.option, .text = finding.text, .hint = finding.hint}) + "\n";
    return text;
}

// An image whose kernel has the builtin modules given, with these files and modules.
struct ImageSpec {
    std::vector<std::string> modules = {};
    std::vector<std::string> builtin = {"kernel/net/packet/af_packet.ko", "kernel/drivers/ata/ata_piix.ko",
                                        "kernel/drivers/scsi/sd_mod.ko", "kernel/fs/ext4/ext4.ko"};
    std::vector<std::string> files = {};
    std::vector<std::pair<std::string, std::string>> contents = {}; // modules with a content of their own
    std::string order = {};                                         // modules.order
    std::optional<std::string> dependencies = {};                   // modules.dep; none: names all modules
    std::string cmdline = {};
    std::vector<std::pair<std::string, std::string>> settings = {}; // files of etc/mkpxerd.d
    std::string pins = {};                                          // lines of boot.conf
    bool says_builtin = true;
    bool is_ours = true;
    bool tls = true;
};

inline image::ImageFacts facts_of(const ImageSpec& spec) {
    NewcBuilder b;
    b.file("init", "x", 0755);
    for (const char* directory : {"etc", "etc/mkpxerd", "etc/mkpxerd.d", "etc/ssl", "etc/ssl/certs", "bin",
                                  "sbin", "lib", "lib/modules", "lib/modules/6.1"})
        b.directory(directory);
    if (spec.is_ours)
        b.file("etc/mkpxerd/boot.conf",
               "mkpxerd=0\nkernel=6.1\nepoch=0\nentries=9\nfeatures=\ncmdline=" + spec.cmdline +
                   (spec.tls ? "\ntls=yes\n" : "\ntls=no\n") + spec.pins);
    for (const auto& file : spec.files) {
        if (file.starts_with("etc/mkpxerd/keys/")) b.directory("etc/mkpxerd/keys");
        b.file(file, "x");
    }
    for (const auto& [name, text] : spec.settings)
        b.file("etc/mkpxerd.d/" + name, text);
    std::set<std::string> directories;
    std::vector<std::pair<std::string, std::string>> modules = spec.contents;
    for (const auto& module : spec.modules)
        modules.emplace_back(module, "x");
    for (const auto& [module, content] : modules) {
        for (auto slash = module.find('/'); slash != std::string::npos; slash = module.find('/', slash + 1))
            if (directories.insert(module.substr(0, slash)).second)
                b.directory("lib/modules/6.1/" + module.substr(0, slash));
        b.file("lib/modules/6.1/" + module, content);
    }
    if (!spec.order.empty()) b.file("lib/modules/6.1/modules.order", spec.order);
    std::string dependencies;
    for (const auto& [module, content] : modules)
        dependencies += module + ":\n";
    b.file("lib/modules/6.1/modules.dep", spec.dependencies.value_or(dependencies));
    std::string builtin;
    for (const auto& module : spec.builtin)
        builtin += module + "\n";
    if (spec.says_builtin) b.file("lib/modules/6.1/modules.builtin", builtin);
    b.trailer();
    const TempDir dir;
    return *image::ImageFacts::read(dir.write("x.img", b.text()));
}

inline const std::vector<std::string> network_modules = {"kernel/drivers/net/ethernet/intel/e1000/e1000.ko",
                                                         "kernel/fs/nfs/nfs.ko",
                                                         "kernel/fs/nfs/nfsv4.ko",
                                                         "kernel/fs/squashfs/squashfs.ko",
                                                         "kernel/drivers/block/loop.ko",
                                                         "kernel/fs/overlayfs/overlay.ko"};

} // namespace mkpxerd::test
