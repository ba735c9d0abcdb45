// SPDX-License-Identifier: MIT
// Answers of a portmapper and of NFS version 3's mount service: bounded by their bytes, and what a right
// server writes is read as it was.
#include "harness.hpp"

#include "mkpxerd/netboot/mount/mount_message.hpp"

using namespace mkpxerd::fuzz;
using namespace mkpxerd::netboot;

namespace {

void append(std::string& out, std::uint32_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        out += static_cast<char>(number >> shift);
}

void append_text(std::string& out, std::string_view text) {
    append(out, static_cast<std::uint32_t>(text.size()));
    out.append(text).append((4 - text.size() % 4) % 4, '\0');
}

std::string reply_of(std::string_view results) {
    std::string reply;
    for (const std::uint32_t number : {1U, 1U, 0U, 0U, 0U, 0U}) // ours, a reply, accepted, no verifier, done
        append(reply, number);
    return reply.append(results);
}

void read_raw(std::string_view bytes) {
    const auto results = parse_rpc_reply(bytes);
    if (results) require(bytes.ends_with(*results) && results->size() + 24 <= bytes.size());
    const std::string_view body = results.value_or(bytes);
    static_cast<void>(read_rpc_number(body));
    if (const auto exports = parse_exports(body)) {
        std::size_t told = 0;
        for (const std::string& path : *exports) {
            told += path.size() + 12;
            require(is_exported(path, *exports) || path.ends_with('/') || path.empty());
        }
        require(told <= body.size());
    }
    if (const auto answer = parse_mount_answer(body)) {
        require(answer->status == read_rpc_number(body));
        require(answer->flavors.size() <= 16 && answer->flavors.size() * 4 <= body.size());
        require(answer->status == 0 || answer->flavors.empty());
    }
}

// Lines are paths; a word behind one is a group that may mount it.
void read_written(std::string_view text) {
    std::vector<std::string> paths;
    std::string results;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        const auto blank = std::min(line.find(' '), line.size());
        paths.emplace_back(line.substr(0, blank));
        append(results, 1);
        append_text(results, paths.back());
        if (blank < line.size()) {
            append(results, 1);
            append_text(results, line.substr(blank + 1));
        }
        append(results, 0);
        at = end + 1;
    }
    append(results, 0);
    const std::string reply = reply_of(results);
    const auto read_back = parse_rpc_reply(reply);
    require(read_back && *read_back == results);
    const auto exports = parse_exports(*read_back);
    require(exports && *exports == paths);

    std::string mount;
    append(mount, 0);
    append_text(mount, text.substr(0, 64)); // the file handle
    append(mount, 2);
    append(mount, 390003);
    append(mount, rpc_auth_sys);
    require(parse_mount_answer(mount) == MountAnswer{0, {390003, rpc_auth_sys}});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = text_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        read_raw(bytes);
    else
        read_written(bytes);
    return 0;
}
