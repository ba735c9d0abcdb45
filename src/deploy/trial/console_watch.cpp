// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/console_watch.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mkpxerd/base/printable.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::string_view handover_mark = "mkpxerd: handover to ";
constexpr std::string_view failure_mark = "mkpxerd: failed ";
constexpr std::string_view panic_mark = "Kernel panic - not syncing: ";
// SeaBIOS, OVMF and the bundle's own script found nothing to boot.
constexpr std::array<std::string_view, 4> dead_ends = {"mkpxerd: nothing to boot from", "No bootable device.",
                                                       "No bootable option or device was found",
                                                       "BdsDxe: No bootable"};

// The position after the escape sequence that begins at `at`.
std::size_t skip_escape(std::string_view text, std::size_t at) {
    ++at;
    if (at == text.size()) return at;
    if (text[at] == '(' || text[at] == ')') return std::min(at + 2, text.size());
    if (text[at] != '[') return at + 1;
    ++at;
    while (at < text.size() && (text[at] < '@' || text[at] > '~'))
        ++at;
    return std::min(at + 1, text.size());
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size());
}

// Where a message of the kernel begins, by its stamp in microseconds: "[    3.607805] " (print_time() in
// kernel/printk/printk.c). npos: nowhere.
std::size_t find_kernel_message(std::string_view text) {
    constexpr std::size_t decimals = 6;
    for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
        const std::size_t seconds = std::min(text.find_first_not_of(' ', at + 1), text.size());
        const std::size_t point = skip_digits(text, seconds);
        if (point == seconds || !text.substr(point).starts_with('.')) continue;
        const std::size_t end = skip_digits(text, point + 1);
        if (end == point + 1 + decimals && text.substr(end).starts_with(']')) return at;
    }
    return std::string_view::npos;
}

} // namespace

std::string without_controls(std::string_view text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '\x1b') {
            at = skip_escape(text, at);
            continue;
        }
        ++at;
        if ((c >= 0 && c < ' ' && c != '\t') || c == '\x7f') continue;
        shown += c;
    }
    std::string plain; // also without C1 controls and invalid UTF-8
    for (std::string_view rest = shown;; plain += '\t') {
        const auto tab = rest.find('\t');
        plain += printable(rest.substr(0, tab));
        if (tab == std::string_view::npos) return plain;
        rest.remove_prefix(tab + 1);
    }
}

std::vector<std::string> ConsoleWatch::feed(std::string_view bytes) {
    std::vector<std::string> lines;
    for (const char c : bytes) {
        if (c != '\n') {
            raw_ += c;
            continue;
        }
        lines.push_back(without_controls(raw_));
        raw_.clear();
        take(lines.back());
    }
    rest_ = without_controls(raw_);
    // The expected text may be a prompt, which has no newline.
    if (const std::string said = begun_ + rest_;
        !expected_.empty() && said.find(expected_) != std::string::npos)
        set({Verdict::Kind::Arrived, {}, said});
    return lines;
}

void ConsoleWatch::take(std::string_view line) {
    const std::size_t message = find_kernel_message(line);
    begun_ += line.substr(0, message);
    if (message != std::string_view::npos) {
        judge(line.substr(message));
        return;
    }
    const std::string whole = std::exchange(begun_, {});
    judge(whole);
}

void ConsoleWatch::judge(std::string_view line) {
    if (const auto at = line.find(failure_mark); at != std::string_view::npos) {
        const std::string_view said = line.substr(at + failure_mark.size());
        const auto space = std::min(said.find(' '), said.size());
        set({Verdict::Kind::Failed, std::string(said.substr(0, space)),
             std::string(said.substr(std::min(space + 1, said.size())))});
    }
    if (const auto at = line.find(panic_mark); at != std::string_view::npos)
        set({Verdict::Kind::Panicked, {}, std::string(line.substr(at + panic_mark.size()))});
    if (!expected_.empty() && line.find(expected_) != std::string_view::npos)
        set({Verdict::Kind::Arrived, {}, std::string(line)});
    if (const auto at = line.find(handover_mark); expected_.empty() && at != std::string_view::npos)
        set({Verdict::Kind::HandedOver, {}, std::string(line.substr(at))});
    for (const std::string_view mark : dead_ends)
        if (line.find(mark) != std::string_view::npos) set({Verdict::Kind::NoLoader, {}, std::string(line)});
}

void ConsoleWatch::set(Verdict verdict) {
    // The line of a prompt may continue later.
    const bool is_whole_line =
        verdict_ && verdict_->kind == verdict.kind && verdict.text.starts_with(verdict_->text);
    if (!verdict_ || verdict_->kind == Verdict::Kind::HandedOver || is_whole_line)
        verdict_ = std::move(verdict);
}

} // namespace mkpxerd::deploy
