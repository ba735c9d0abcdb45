// SPDX-License-Identifier: MIT
// The kernel's words, from init/initramfs.c and init/main.c. Without CONFIG_BLK_DEV_RAM it says "Unpacking
// initramfs..."; before 5.13 it frees the image's memory in another function, by the same line.
#include "mkpxerd/netboot/runtime/kernel_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::array<std::string_view, 2> unpack_begins = {"Trying to unpack rootfs image as initramfs...",
                                                           "Unpacking initramfs..."};
constexpr std::string_view unpack_ends = "Freeing initrd memory: ";
constexpr std::string_view init_runs = "Run /init as init process";

struct Record {
    bool is_kernels = false; // and not a program's, which has a facility beside the level
    std::chrono::microseconds time;
    std::string_view text;
};

// Facility and level, number, and microseconds before the text.
std::optional<Record> parse_record(std::string_view record) {
    const auto fields = split(record.substr(0, record.find(';')), ',');
    if (fields.size() < 3) return std::nullopt;
    const auto level = parse_number(fields[0]);
    const auto time = parse_number(fields[2]);
    if (!level || !time) return std::nullopt;
    return Record{*level <= 7, std::chrono::microseconds(static_cast<std::int64_t>(*time)),
                  text_of_record(record)};
}

} // namespace

std::string read_kernel_log(const System& system) {
    const UniqueFd fd(::open(system.host("/dev/kmsg").c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    std::string log;
    std::array<char, 8192> record{}; // PRINTK_MESSAGE_MAX is less
    // One read gives one record, without waiting for the next.
    while (fd) {
        const ssize_t got = ::read(fd.get(), record.data(), record.size());
        if (got < 0 && (errno == EPIPE || errno == EINTR))
            continue; // EPIPE: the kernel overwrote older records
        if (got <= 0) break;
        log.append(record.data(), static_cast<std::size_t>(got));
    }
    return log;
}

std::string_view text_of_record(std::string_view record) {
    return record.substr(record.find(';') + 1); // npos + 1 is 0
}

KernelTimes parse_kernel_times(std::string_view log) {
    KernelTimes times;
    for (const std::string_view line : split_lines(log)) {
        const auto record = parse_record(line);
        if (!record || !record->is_kernels) continue;
        const std::string_view text = record->text;
        if (std::ranges::find(unpack_begins, text) != unpack_begins.end()) times.unpack_begin = record->time;
        if (text.starts_with(unpack_ends)) times.unpack_end = record->time;
        if (text == init_runs) times.run_init = record->time;
    }
    return times;
}

std::optional<std::chrono::microseconds> time_of_line(std::string_view log, std::string_view text) {
    std::optional<std::chrono::microseconds> time;
    for (const std::string_view line : split_lines(log)) {
        const auto record = parse_record(line);
        if (record && !record->is_kernels && record->text == text) time = record->time;
    }
    return time;
}

} // namespace mkpxerd::netboot
