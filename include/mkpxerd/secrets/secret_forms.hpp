// SPDX-License-Identifier: MIT
// What a file gives away to whoever reads it: keys, passwords, hashes of passwords. Told by what the file
// says; its path counts only where the content is mere random bytes, or words without a form of their own.
// What is commented out, empty, a placeholder ("$PASSWORD", "<password>") or public is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

// Bytes at the beginning of a file that are looked at. Secrets are small files, or in the text of them.
inline constexpr std::size_t secret_window = std::size_t{1} << 20;
// Bytes at the beginning of a file that tell whether more of it is worth reading.
inline constexpr std::size_t secret_head = 4096;

// Of so many bytes, how many are to be looked at; head: the first ones, at most secret_head. 0: programs,
// modules and what is packed are none of the forms below.
std::size_t secret_bytes_wanted(std::string_view head, std::uint64_t size);

// path: in the image, without leading slash. content: the beginning, as many bytes as above; size: of the
// whole file. Returns what it holds ("holds a private key"), never the secret itself; nullptr: nothing known.
const char* find_secret(std::string_view path, std::string_view content, std::uint64_t size);

// The same of options of the kernel command line.
const char* find_secret_option(std::string_view command_line);

// Files with keys of encrypted disks that an /etc/crypttab names, without leading slash.
std::vector<std::string> crypttab_key_files(std::string_view crypttab);
inline constexpr const char* is_disk_key = "is the key of an encrypted disk";

} // namespace mkpxerd
