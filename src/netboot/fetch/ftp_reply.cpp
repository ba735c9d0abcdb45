// SPDX-License-Identifier: MIT
// "220 text" is a reply; "220-text" begins a longer one, which "220 text" ends.
#include "mkpxerd/netboot/fetch/ftp_reply.hpp"

#include <algorithm>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t longest_reply = 64 * 1024; // bytes

tl::unexpected<Error> refuse(std::string text) {
    return fail("", std::move(text), {}, Failure::NotFtp);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 200))
        out += static_cast<unsigned char>(c) >= ' ' && c != '\x7f' ? c : '?';
    return out;
}

// "ddd " or "ddd-" in front, the first digit 1 to 5.
bool begins_with_code(std::string_view line) {
    return line.size() >= 3 && line[0] >= '1' && line[0] <= '5' && is_digit(line[1]) && is_digit(line[2]) &&
           (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

} // namespace

Result<void> FtpReplyReader::feed(std::string_view bytes) {
    pending_.append(bytes);
    if (pending_.size() > longest_reply) return refuse("the reply of the server is too long");
    return {};
}

Result<std::optional<FtpReply>> FtpReplyReader::next() {
    for (;;) {
        const std::size_t end = pending_.find('\n');
        if (end == std::string::npos) return std::optional<FtpReply>{};
        std::string line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        if (!line.empty() && line.back() == '\r') line.pop_back();

        const bool coded = begins_with_code(line);
        const bool more = coded && line.size() > 3 && line[3] == '-';
        if (open_.empty()) {
            if (!coded) return refuse("the server sent '" + printable(line) + "', which is not an FTP reply");
            if (more) open_ = line.substr(0, 3);
        } else if (coded && !more && line.starts_with(open_)) {
            open_.clear();
        }
        if (!open_.empty()) continue;
        FtpReply reply;
        reply.code = static_cast<unsigned>(*parse_number(std::string_view(line).substr(0, 3)));
        if (line.size() > 4) reply.text = printable(std::string_view(line).substr(4));
        return std::optional(std::move(reply));
    }
}

std::optional<std::uint16_t> parse_epsv(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos || text.size() - open < 6) return std::nullopt;
    const char separator = text[open + 1];
    if (is_digit(separator) || text[open + 2] != separator || text[open + 3] != separator)
        return std::nullopt;
    const std::string_view rest = text.substr(open + 4);
    const std::size_t close = rest.find(separator);
    if (close == std::string_view::npos || rest.substr(close + 1, 1) != ")") return std::nullopt;
    return parse_port(rest.substr(0, close));
}

std::optional<std::uint16_t> parse_pasv(std::string_view text) {
    // Servers write different text around the six numbers.
    const std::size_t first = std::min(text.find_first_of("0123456789"), text.size());
    const std::string_view numbers = text.substr(first, text.find_first_not_of("0123456789,", first) - first);
    const std::vector<std::string_view> parts = split(numbers, ',');
    if (parts.size() != 6) return std::nullopt;
    std::uint64_t port = 0;
    for (const std::string_view part : parts) {
        const std::optional<std::uint64_t> number = parse_number(part);
        if (!number || *number > 255) return std::nullopt;
        port = (port << 8 | *number) & 0xffff;
    }
    if (port == 0) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

std::optional<std::string> ftp_path(std::string_view target) {
    if (!target.empty() && target.front() == '/') target.remove_prefix(1);
    if (const std::size_t type = target.rfind(";type="); type != std::string_view::npos)
        target = target.substr(0, type);
    std::string path = percent_decode(target);
    const bool controls = std::any_of(
        path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    if (path.empty() || path.back() == '/' || controls) return std::nullopt;
    return path;
}

} // namespace mkpxerd::netboot
