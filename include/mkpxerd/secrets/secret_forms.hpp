// SPDX-License-Identifier: MIT
// The secrets in a file: keys, passwords, hashes of passwords. The content decides; the path counts only if
// the content is random bytes or plain words. Comments, empty values, placeholders ("$PASSWORD",
// "<password>") and public keys are not secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

// How many bytes at the start of a file are searched. Secrets are small files, or texts in them.
inline constexpr std::size_t secret_window = std::size_t{1} << 20;
// How many bytes at the start of a file decide whether more of it is read.
inline constexpr std::size_t secret_head = 4096;

// How many bytes to search in a file of this size; head: the first ones, at most secret_head. 0: programs,
// modules and compressed files contain none of these secrets.
std::size_t secret_bytes_wanted(std::string_view head, std::uint64_t size);

// path: in the image, without leading slash. content: the start of the file, as many bytes as above; size: of
// the whole file. Returns the kind of secret ("contains a private key"), never the secret itself; nullptr:
// none.
const char* find_secret(std::string_view path, std::string_view content, std::uint64_t size);

// The same for options of the kernel command line.
const char* find_secret_option(std::string_view command_line);

// Files with keys of encrypted disks that an /etc/crypttab names, without leading slash.
std::vector<std::string> crypttab_key_files(std::string_view crypttab);
inline constexpr const char* is_disk_key = "is the key of an encrypted disk";

} // namespace mkpxerd
