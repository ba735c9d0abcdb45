// SPDX-License-Identifier: MIT
// A strict reader of the JSON (RFC 8259) that the notes use: other values are checked and skipped.
#include "mkpxerd/generator/files/dlopen_note.hpp"

#include <fmt/format.h>

namespace mkpxerd::generator {
namespace {

constexpr unsigned deepest = 16;

class NoteReader {
  public:
    explicit NoteReader(std::string_view json) : json_(json) {}

    Result<std::vector<DlopenEntry>> read() {
        std::vector<DlopenEntry> entries;
        if (peek() == '[') {
            MKPXERD_TRY(each('[', ']', [&] { return add_entry(entries); }));
        } else {
            MKPXERD_TRY(add_entry(entries));
        }
        if (peek() != '\0' || at_ < json_.size()) return wrong("text after its end");
        return entries;
    }

  private:
    tl::unexpected<Error> wrong(std::string_view what) const {
        return fail("", fmt::format("{} at byte {}", what, at_ + 1));
    }

    // The next byte that is not whitespace; 0 at the end.
    char peek() {
        while (at_ < json_.size() && std::string_view(" \t\r\n").find(json_[at_]) != std::string_view::npos)
            ++at_;
        return at_ < json_.size() ? json_[at_] : '\0';
    }
    bool accept(char wanted) {
        if (peek() != wanted) return false;
        ++at_;
        return true;
    }

    // item() for everything between the brackets.
    template <class Item>
    Result<void> each(char open, char close, Item item) {
        if (!accept(open)) return wrong(fmt::format("no '{}'", open));
        if (accept(close)) return {};
        do {
            MKPXERD_TRY(item());
        } while (accept(','));
        if (!accept(close)) return wrong(fmt::format("no ',' or '{}'", close));
        return {};
    }

    Result<std::string> key() {
        MKPXERD_TRY_ASSIGN(std::string name, string());
        if (!accept(':')) return wrong("no ':'");
        return name;
    }

    Result<void> add_entry(std::vector<DlopenEntry>& entries) {
        DlopenEntry entry;
        MKPXERD_TRY(each('{', '}', [&] { return member(entry); }));
        if (entry.sonames.empty()) return wrong("an object without 'soname'");
        entries.push_back(std::move(entry));
        return {};
    }

    Result<void> member(DlopenEntry& entry) {
        MKPXERD_TRY_ASSIGN(const std::string name, key());
        if (name == "soname") return sonames(entry);
        if (name == "feature") {
            MKPXERD_TRY_ASSIGN(entry.feature, string());
            return {};
        }
        if (name != "priority") return skip(0);
        MKPXERD_TRY_ASSIGN(const std::string priority, string());
        if (priority == "required")
            entry.priority = DlopenEntry::Priority::Required;
        else if (priority == "suggested")
            entry.priority = DlopenEntry::Priority::Suggested;
        else if (priority != "recommended")
            return wrong(fmt::format("unknown priority '{}'", priority));
        return {};
    }

    Result<void> sonames(DlopenEntry& entry) {
        const auto add = [&]() -> Result<void> {
            MKPXERD_TRY_ASSIGN(std::string soname, string());
            if (soname.empty()) return wrong("an empty soname");
            entry.sonames.push_back(std::move(soname));
            return {};
        };
        return peek() == '[' ? each('[', ']', add) : add();
    }

    Result<std::string> string() {
        if (!accept('"')) return wrong("no string");
        std::string text;
        while (at_ < json_.size()) {
            const char byte = json_[at_++];
            if (byte == '"') return text;
            if (static_cast<unsigned char>(byte) < 0x20) return wrong("a control character in a string");
            if (byte != '\\')
                text += byte;
            else
                MKPXERD_TRY(escape(text));
        }
        return wrong("an unterminated string");
    }

    // The notes' specification forbids \u; names of libraries need no such character.
    Result<void> escape(std::string& text) {
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view values = "\"\\/\b\f\n\r\t";
        const auto which = at_ < json_.size() ? names.find(json_[at_]) : std::string_view::npos;
        if (which == std::string_view::npos) return wrong("an unknown escape");
        text += values[which];
        ++at_;
        return {};
    }

    Result<void> skip(unsigned depth) {
        if (depth > deepest) return wrong("nesting that is too deep");
        switch (peek()) {
        case '"':
            MKPXERD_TRY(string());
            return {};
        case '[':
            return each('[', ']', [&] { return skip(depth + 1); });
        case '{':
            return each('{', '}', [&]() -> Result<void> {
                MKPXERD_TRY(key());
                return skip(depth + 1);
            });
        default:
            break;
        }
        const std::size_t begin = at_;
        while (at_ < json_.size() &&
               std::string_view(",]} \t\r\n").find(json_[at_]) == std::string_view::npos)
            ++at_;
        const std::string_view word = json_.substr(begin, at_ - begin);
        const bool number =
            !word.empty() && word.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
        if (!number && word != "true" && word != "false" && word != "null") return wrong("not a value");
        return {};
    }

    std::string_view json_;
    std::size_t at_ = 0;
};

} // namespace

Result<std::vector<DlopenEntry>> parse_dlopen_note(std::string_view json) {
    return NoteReader(json).read();
}

} // namespace mkpxerd::generator
