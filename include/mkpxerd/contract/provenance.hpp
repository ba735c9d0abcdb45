// SPDX-License-Identifier: MIT
// Why each entry is in the image: the generator writes it into the image, and `mkpxerd size` reads it. Text,
// one line for each entry, fields separated by tabs:
//   path  kind  from  feature  origin-file:line
// Backslash, tab and newline inside a field are written \\ \t \n; an empty field stays empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd {

struct Provenance {
    std::string path;    // of the entry, without leading slash
    std::string kind;    // pattern, depends, softdep-pre, softdep-post, firmware, link-target, interpreter,
                         // library, dlopen, builtin; readers accept others
    std::string from;    // the module, link or file that asked for it; may be empty
    std::string feature; // may be empty
    std::string origin_file;  // "features.d/nfs.modules"; may be empty
    unsigned origin_line = 0; // 0: none

    bool operator==(const Provenance&) const = default;
};

std::string write_provenance(const std::vector<Provenance>& entries);
// Errors, with the line number: a line without exactly five fields.
Result<std::vector<Provenance>> parse_provenance(std::string_view text);

} // namespace mkpxerd
