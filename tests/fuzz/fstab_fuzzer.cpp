// SPDX-License-Identifier: MIT
// fstab of a root that somebody else made: fields without blanks, as many lines as there are, and the same
// again when they are written back.
#include "harness.hpp"

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/mount/fstab.hpp"

using namespace mkpxerd::fuzz;
using namespace mkpxerd::netboot;

namespace {

// As getmntent(3) has it: everything that would end a field, and the backslash.
std::string escaped(std::string_view field) {
    std::string text;
    for (const char c : field) {
        if (std::string_view(" \t\n\v\f\r\\#").find(c) == std::string_view::npos) {
            text += c;
            continue;
        }
        const auto value = static_cast<unsigned char>(c);
        for (const unsigned shift : {6U, 3U, 0U})
            text.append(shift == 6U ? "\\" : "").push_back(static_cast<char>('0' + ((value >> shift) & 7U)));
    }
    return text;
}

bool has_blank(std::string_view text) {
    return text.find_first_of(" \t\n\v\f\r") != std::string_view::npos;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    const auto lines = parse_fstab(text);
    require(lines.size() <= count(text, '\n') + 1);
    std::size_t told = 0;
    std::string again = "# by a fuzzer\n";
    for (const FstabLine& line : lines) {
        told += line.source.size() + line.target.size() + line.type.size() + line.options.size();
        require(!line.source.empty() && !line.target.empty() && !line.type.empty());
        require(line.target.size() == 1 || !line.target.ends_with('/'));
        require(!has_blank(line.type) && !has_blank(line.options));
        for (const std::string_view option : mkpxerd::split(std::string_view(line.options), ','))
            require(line.has_option(option));
        again += escaped(line.source) + '\t' + escaped(line.target) + ' ' + line.type + ' ' + line.options +
                 (line.options.empty() ? "\n" : " 0 2\n");
    }
    require(told <= size);
    require(parse_fstab(again) == lines);
    return 0;
}
