// SPDX-License-Identifier: MIT
// Of a letter that two programs use, the one that more people type counts.
#include "mkpxerd/cli/options/foreign_switches.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::cli {
namespace {

constexpr auto table = std::to_array<ForeignSwitch>({
    {"--add -a -A --addhooks", "-F +NAME adds to the features of the profile"},
    {"--omit -m -S --skiphooks", "-F \"LIST\" is the whole list of features"},
    {"--add-drivers", "a line in a list NAME.modules, and -F +NAME"},
    {"--drivers -d", "lists NAME.modules alone, by -F \"LIST\""},
    {"--force-drivers", "a line in a list NAME.modules, and --cmdline modules=NAME"},
    {"--omit-drivers", "blacklist= on the command line, or a list without the driver"},
    {"--filesystems", "-F +NAME: each file system is a feature"},
    {"--include --install -I",
     "a line in a list NAME.files, or --append FILE with the archive of mkpxerd overlay -o FILE DIR"},
    {"--install-optional", "the line in a list NAME.files, with ? in front"},
    {"--kmoddir", "--kernel-root DIR"},
    {"--sysroot", "-b BASEDIR"},
    {"--moduleroot -r", "--kernel-root DIR, or -b BASEDIR for everything"},
    {"--fwdir", "firmware comes from --kernel-root or -b"},
    {"--kernel-cmdline", "--cmdline \"OPTIONS\""},
    {"--hostonly -H", "--hardware FILE, made by mkpxerd hardware"},
    {"--automods -M", "mkpxerd hardware"},
    {"--add-fstab", "-f FILE; the init does not read it"},
    {"--early-microcode", "--ucode"},
    {"--no-early-microcode", "needless: only --ucode adds it"},
    {"--gzip --bzip2 --xz --zstd --lz4 --lzo --lzma --no-compress --compress", "-C NAME, --level N"},
    {"-z", "-C NAME"},
    {"--conf", "--profile FILE.yaml, or -c FILE"},
    {"--list-modules --listhooks", "-L"},
    {"--force", "needless: a complete image replaces the old one in one step"},
    {"--reproducible --universal", "needless: every image is"},
    {"--no-hostonly -N", "needless: an image is for any machine"},
    {"--no-hostonly-cmdline", "needless: no option of this machine goes into an image"},
    {"--nofscks", "needless: the init checks no file system"},
    {"--show-modules", "-l lists the entries"},
    {"--stdlog --debug", "-v"},
    {"--regenerate-all", "mkpxerd -o FILE VERSION, once for each kernel"},
    {"--tmpdir --keep --builddir --generatedir --save", "needless: no temporary directory exists"},
    {"--generate -g", "-o FILE"},
    {"--preset --allpresets", "--profile NAME, once for each image"},
    {"--hookdir -D", "-P DIR"},
    {"--kernel-version --kver", "the version, as the last word"},
    {"--init-binary", "-i FILE"},
    {"--print-cmdline --uefi --uki -U --strip", "nothing: mkpxerd has no counterpart"},
});

} // namespace

std::span<const ForeignSwitch> foreign_switches() {
    return table;
}

std::optional<std::string_view> ours_for(std::string_view option) {
    const bool is_short = option.size() > 2 && !option.starts_with("--");
    const std::string_view letter = is_short ? option.substr(0, 2) : option;
    for (const ForeignSwitch& foreign : table)
        for (const std::string_view word : split_words(foreign.words))
            if (word == option || word == letter) return foreign.ours;
    return std::nullopt;
}

} // namespace mkpxerd::cli
