// SPDX-License-Identifier: MIT
// The subset of shell that mkinitfs.conf files use. Reads it, never runs it.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {
namespace {

struct Name {
    std::string_view shell;
    std::string_view key; // empty: mkinitfs knows it, and it has no effect here
};
constexpr std::array names = {
    Name{"features", "features"},
    Name{"kernel", "kernel"},
    Name{"basedir", "basedir"},
    Name{"initfscomp", "compression"},
    Name{"complevel_gzip", "level-gzip"},
    Name{"complevel_xz", "level-xz"},
    Name{"complevel_zstd", "level-zstd"},
    Name{"complevel_lz4", "level-lz4"},
    Name{"custom_files", "files"},
    Name{"hostkeys", "hostkeys"},
    Name{"init", "init"},
    Name{"fstab", "fstab"},
    Name{"modloop_sig", "modloop-signature"},
    Name{"outfile", "output"},
    Name{"nokernel", "no-kernel"},
    Name{"disable_trigger", ""},
    Name{"quiet", ""},
};

constexpr std::size_t max_problems = 100; // in a file that is not a configuration, every line has one

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_char(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
}

class Parser {
  public:
    Parser(std::string_view text, const std::string& file) : text_(without_bom(text)), file_(file) {}

    Result<Settings> parse() {
        if (text_.size() > max_settings_bytes)
            return fail(file_, fmt::format("is larger than {} bytes", max_settings_bytes));
        while (!has_enough() && skip_space_and_comments())
            assignment();
        for (const auto& [name, value] : unknown_) {
            if (has_enough()) break;
            if (!used_.contains(name)) unknown(name, value);
        }
        MKPXERD_TRY(problems_.finish());
        return settings_;
    }

  private:
    // There are enough problems, or a limit was reached and later lines would be misjudged.
    bool has_enough() const { return is_over_ || problems_.list().size() >= max_problems; }
    void unknown(const std::string& name, const Origin& origin) {
        std::vector<std::string> known;
        for (const Name& item : names)
            known.emplace_back(item.shell);
        const auto near = nearest(name, known);
        problems_.add(origin.text(), fmt::format("unknown setting '{}'", excerpt(name)),
                      near ? fmt::format("did you mean '{}'?", *near) : "");
    }
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    char next() {
        const char c = text_[at_++];
        if (c == '\n') ++line_;
        return c;
    }
    // Length of a backslash and the end of its line; 0: there is none here.
    std::size_t continuation() const {
        const std::string_view rest = text_.substr(at_);
        return rest.starts_with("\\\n") ? 2 : rest.starts_with("\\\r\n") ? 3 : 0;
    }
    bool skip_continuation() {
        const std::size_t bytes = continuation();
        for (std::size_t i = 0; i < bytes; ++i)
            next();
        return bytes > 0;
    }
    Origin here() const { return {.file = file_, .line = line_}; }
    void problem(const std::string& text, std::string hint = {}) {
        problems_.add(here().text(), text, std::move(hint));
    }
    void skip_line() {
        while (!at_end() && peek() != '\n')
            next();
    }

    // false: the end of the file.
    bool skip_space_and_comments() {
        while (!at_end()) {
            if (skip_continuation()) continue;
            if (const char c = peek(); c == '#') {
                skip_line();
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                next();
            } else {
                return true;
            }
        }
        return false;
    }

    void assignment() {
        const Origin origin = here();
        const std::size_t start = at_;
        if (is_name_start(peek()))
            while (is_name_char(peek()))
                next();
        const std::string name(text_.substr(start, at_ - start));
        if (name.empty() || peek() != '=') {
            skip_line();
            const auto line = trim(text_.substr(start, at_ - start));
            problem(fmt::format("'{}' is not NAME=value", excerpt(line)),
                    "mkpxerd reads this file, but does not run it");
            return;
        }
        next();
        std::string value;
        if (!read_value(value)) return skip_line();
        variables_[name] = value;
        const auto known =
            std::find_if(names.begin(), names.end(), [&](const Name& n) { return n.shell == name; });
        if (known == names.end())
            unknown_.try_emplace(name, origin);
        else if (!known->key.empty())
            settings_[std::string(known->key)] = {.value = value, .origin = origin};
    }

    // One shell word. false: a problem was added.
    bool read_value(std::string& value) {
        for (;;) {
            if (skip_continuation()) continue;
            switch (const char c = peek()) {
            case '\0':
            case '\n':
            case ' ':
            case '\t':
            case '\r':
                return end_of_line();
            case '\'':
                if (!single_quoted(value)) return false;
                break;
            case '"':
                if (!double_quoted(value)) return false;
                break;
            case '$':
                if (!variable(value)) return false;
                break;
            case '\\':
                next();
                if (!at_end()) value += next();
                break;
            case '`':
            case ';':
            case '&':
            case '|':
            case '<':
            case '>':
            case '(':
            case ')':
                problem(fmt::format("'{}' is shell that mkpxerd does not run", c), "write the value itself");
                return false;
            default:
                value += next();
            }
        }
    }

    // Only whitespace and a comment may follow a value.
    bool end_of_line() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\r')
            next();
        if (at_end() || peek() == '\n' || peek() == '#') {
            skip_line();
            return true;
        }
        problem("text after the value", "put the value in quotes");
        return false;
    }

    bool single_quoted(std::string& value) {
        const Origin origin = here();
        next();
        while (!at_end()) {
            const char c = next();
            if (c == '\'') return true;
            value += c;
        }
        problems_.add(origin.text(), "unterminated quote");
        return false;
    }

    bool double_quoted(std::string& value) {
        const Origin origin = here();
        next();
        while (!at_end()) {
            if (skip_continuation()) continue;
            const char c = peek();
            if (c == '"') {
                next();
                return true;
            }
            if (c == '$') {
                if (!variable(value)) return false;
            } else if (c == '`') {
                problem("'`' is shell that mkpxerd does not run", "write the value itself");
                return false;
            } else if (c == '\\') {
                next();
                // Inside double quotes a backslash is special before these only: XCU 2.2.3.
                if (const char e = peek(); e != '$' && e != '`' && e != '"' && e != '\\') value += '\\';
                if (!at_end()) value += next();
            } else {
                value += next();
            }
        }
        problems_.add(origin.text(), "unterminated quote");
        return false;
    }

    bool variable(std::string& value) {
        next();
        const bool braces = peek() == '{';
        if (braces) next();
        const std::size_t start = at_;
        if (is_name_start(peek()))
            while (is_name_char(peek()))
                next();
        const std::string name(text_.substr(start, at_ - start));
        if (name.empty() || (braces && peek() != '}')) {
            problem("only $NAME and ${NAME} are supported", "write the value itself");
            return false;
        }
        if (braces) next();
        const auto known = variables_.find(name);
        if (known == variables_.end()) {
            problem(fmt::format("${} is not set in an earlier line", excerpt(name)));
            return false;
        }
        // Thirty lines that each double the one before would expand to gigabytes.
        expanded_ += known->second.size();
        if (expanded_ > max_settings_bytes) {
            is_over_ = true;
            problem(fmt::format("variables expand to more than {} bytes up to here", max_settings_bytes),
                    "write the values themselves");
            return false;
        }
        used_.insert(name);
        value += known->second;
        return true;
    }

    std::string_view text_;
    const std::string& file_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    std::size_t expanded_ = 0; // bytes from variables, in all values together
    bool is_over_ = false;
    Problems problems_;
    Settings settings_;
    std::map<std::string, std::string> variables_;
    std::map<std::string, Origin> unknown_;
    std::set<std::string> used_;
};

} // namespace

Result<Settings> parse_mkinitfs_conf(std::string_view text, const std::string& file) {
    return Parser(text, file).parse();
}

} // namespace mkpxerd::generator
