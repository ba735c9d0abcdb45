// SPDX-License-Identifier: MIT
// What the details in the init's log are about: the words of debug_init=. The init chooses by them which
// details reach the consoles; `mkpxerd lint` knows the same words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mkpxerd {

// In the order of a boot.
enum class LogSubject : std::uint8_t {
    Stages,
    Options,
    Modules,
    Devices,
    Network,
    Dhcp,
    Fetch,
    Mount,
    Packages
};

struct LogSubjectRow {
    LogSubject subject{};
    std::string_view name;    // as debug_init= spells it
    std::string_view details; // as docs/cmdline.md lists them
};
std::span<const LogSubjectRow> log_subjects();
std::optional<LogSubject> find_log_subject(std::string_view name);
// All names, with ", " between them.
std::string log_subject_names();

// A set of subjects; empty at first.
class LogSubjects {
  public:
    static constexpr LogSubjects all() {
        LogSubjects subjects;
        subjects.bits_ = ~0U;
        return subjects;
    }
    constexpr void add(LogSubject subject) { bits_ |= bit(subject); }
    constexpr bool contains(LogSubject subject) const { return (bits_ & bit(subject)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool operator==(const LogSubjects&) const = default;

  private:
    static constexpr std::uint32_t bit(LogSubject subject) { return 1U << static_cast<unsigned>(subject); }
    std::uint32_t bits_ = 0;
};

} // namespace mkpxerd
