// SPDX-License-Identifier: MIT
// etc/mkpxerd/reasons: writer and reader side by side.
#include "mkpxerd/contract/provenance.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

void append_field(std::string& line, std::string_view field) {
    for (const char c : field) {
        if (c == '\\')
            line += "\\\\";
        else if (c == '\t')
            line += "\\t";
        else if (c == '\n')
            line += "\\n";
        else if (c == '\r') // at the end of a line it would be taken for part of the line break
            line += "\\r";
        else
            line += c;
    }
}

std::string unescape(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\' || i + 1 == field.size()) {
            text += field[i];
            continue;
        }
        const char c = field[++i];
        text += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
    }
    return text;
}

void set_origin(Provenance& entry, std::string_view field) {
    const auto colon = field.rfind(':');
    if (colon != std::string_view::npos) {
        const auto line = parse_number(field.substr(colon + 1));
        if (line && *line <= UINT32_MAX) {
            entry.origin_line = static_cast<unsigned>(*line);
            field = field.substr(0, colon);
        }
    }
    entry.origin_file = unescape(field);
}

} // namespace

std::string write_provenance(const std::vector<Provenance>& entries) {
    std::string text;
    for (const Provenance& entry : entries) {
        for (const std::string* field : {&entry.path, &entry.kind, &entry.from, &entry.feature}) {
            append_field(text, *field);
            text += '\t';
        }
        append_field(text, entry.origin_file);
        if (entry.origin_line != 0) text += fmt::format(":{}", entry.origin_line);
        text += '\n';
    }
    return text;
}

Result<std::vector<Provenance>> parse_provenance(std::string_view text) {
    constexpr std::size_t max_problems = 100; // the file of a foreign image could hold millions
    std::vector<Provenance> entries;
    Problems problems;
    std::size_t number = 0;
    text = without_bom(text);
    for (std::size_t at = 0; at < text.size() && problems.list().size() < max_problems;) {
        const std::string_view line = take_line(text, at);
        ++number;
        const auto count = line.empty() ? 0 : std::count(line.begin(), line.end(), '\t') + 1;
        if (count != 5) {
            problems.add(fmt::format("{}:{}", provenance_path, number),
                         fmt::format("{} fields instead of 5", count));
            continue;
        }
        const auto fields = split(line, '\t');
        Provenance& entry = entries.emplace_back();
        entry.path = unescape(fields[0]);
        entry.kind = unescape(fields[1]);
        entry.from = unescape(fields[2]);
        entry.feature = unescape(fields[3]);
        set_origin(entry, fields[4]);
    }
    MKPXERD_TRY(problems.finish());
    return entries;
}

} // namespace mkpxerd
