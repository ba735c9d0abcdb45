// SPDX-License-Identifier: MIT
// Whitespace separates the fields; a space within a field is written "\040".
#include "mkpxerd/netboot/mount/fstab.hpp"

#include <algorithm>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {

bool FstabLine::has_option(std::string_view name) const {
    const auto pieces = split(options, ',');
    return std::find(pieces.begin(), pieces.end(), name) != pieces.end();
}

std::vector<FstabLine> parse_fstab(std::string_view text) {
    std::vector<FstabLine> lines;
    for (const auto line : split_lines(text)) {
        const auto words = split_words(line);
        if (words.size() < 3 || words[0].starts_with('#')) continue;
        FstabLine parsed{unescape_mount_field(words[0]), unescape_mount_field(words[1]),
                         std::string(words[2]), words.size() < 4 ? std::string() : std::string(words[3])};
        while (parsed.target.size() > 1 && parsed.target.ends_with('/'))
            parsed.target.pop_back();
        lines.push_back(std::move(parsed));
    }
    return lines;
}

} // namespace mkpxerd::netboot
