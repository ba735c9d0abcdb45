// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/closing_set.hpp"

namespace mkpxerd::generator {

ClosingSet::ClosingSet(FileSet files, const Sysroot& basedir, bool lenient)
    : basedir_(basedir), findings_(lenient), warnings_(std::move(files.warnings)) {
    for (File& file : files.files) {
        std::string path = file.path;
        files_.emplace(std::move(path), std::move(file));
    }
}

Result<FileSet> ClosingSet::finish() {
    MKPXERD_TRY(findings_.finish());
    FileSet closed;
    for (auto& [path, file] : files_)
        closed.files.push_back(std::move(file));
    closed.warnings = std::move(warnings_);
    closed.warnings.insert(closed.warnings.end(), findings_.warnings().begin(), findings_.warnings().end());
    return closed;
}

bool ClosingSet::add(const Sysroot::Resolved& place, const Reason& why) {
    for (const std::string& link : place.links)
        add_entry(link, File::Kind::Link, why);
    return add_entry(place.path, File::Kind::Regular, why);
}

bool ClosingSet::add_entry(const std::string& path, File::Kind kind, const Reason& why) {
    if (files_.contains(path)) return false;
    const auto entry = basedir_.entry(path);
    if (!entry) return false; // it has just vanished: reading it will fail
    File file;
    file.path = path;
    file.kind = kind;
    file.mode = entry->mode;
    file.target = entry->target;
    file.reason = why;
    if (kind == File::Kind::Regular) {
        file.source = basedir_.file(path);
        file.size = entry->size;
        file.inode = entry->inode;
        file.device = entry->device;
        file.links = entry->links;
    }
    files_.emplace(path, std::move(file));
    return true;
}

void ClosingSet::problem(const File& asked_by, std::string text) {
    findings_.problem(asked_by.reason.origin.text(), std::move(text));
}

void ClosingSet::hole(const File& asked_by, std::string text, std::string hint) {
    findings_.hole(asked_by.reason.origin.text(), std::move(text), std::move(hint));
}

void ClosingSet::warn(const File& asked_by, std::string text) {
    warnings_.push_back({.object = asked_by.reason.origin.text(), .text = std::move(text)});
}

} // namespace mkpxerd::generator
