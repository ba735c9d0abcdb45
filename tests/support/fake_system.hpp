// SPDX-License-Identifier: MIT
// System without a kernel: records effects as lines, in order, and lets them fail on request; files are real,
// below a temporary directory. Children are real too, so the record is a file that they can write to.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

class FakeSystem final : public netboot::System {
  public:
    FakeSystem() { (void)write_file(record_, ""); }

    // The answers of effects: the start of a recorded line -> errno, each for the given number of times.
    void answer(std::string start, std::errc error, unsigned times = UINT32_MAX) {
        answers_.push_back({std::move(start), error, times});
    }
    std::vector<std::string> calls() const {
        const std::string text = read_file(record_).value();
        std::vector<std::string> lines;
        for (const auto line : split_lines(text))
            lines.emplace_back(line);
        return lines;
    }
    bool called(std::string_view start) const {
        const auto lines = calls();
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return line.starts_with(start); });
    }
    // Loading this module does not return until let_go(): for processes beside the test.
    void hold(std::string_view file) const { REQUIRE(::mkfifo(gate(file).c_str(), 0600) == 0); }
    void let_go(std::string_view file) const {
        const UniqueFd writer(::open(gate(file).c_str(), O_RDWR)); // lets the reader's open(2) return
        ::unlink(gate(file).c_str());
    }
    // Writes a file of the machine; the path is absolute.
    void write(std::string_view path, std::string_view content) const {
        directory_.write(path.substr(1), content);
    }
    // The same of a program.
    void program(std::string_view path, std::string_view text) const {
        write(path, text);
        std::filesystem::permissions(host(path), std::filesystem::perms(0755));
    }
    // A device without a driver, as sysfs shows it: "pci", "0000:00:03.0", "pci:v00008086d...".
    void device(const std::string& bus, const std::string& name, const std::string& modalias) const {
        write("/sys/bus/" + bus + "/devices/" + name + "/modalias", modalias + "\n");
    }

    std::filesystem::path host(std::string_view path) const override {
        while (path.starts_with('/'))
            path.remove_prefix(1);
        return directory_ / path;
    }
    std::error_code mount(const netboot::MountCall& call) override {
        std::string flags = call.flags == 0 ? "" : fmt::format(" flags={:#x}", call.flags);
        return record(fmt::format("mount {}{}", call.text(), flags));
    }
    std::error_code unmount(const std::string& target, int) override { return record("unmount " + target); }
    netboot::ModuleAnswer load_module(const std::string& path, const std::string& parameters) override {
        const auto detail = details.find(path.substr(path.rfind('/') + 1));
        const auto error =
            record(fmt::format("module {}{}{}", path, parameters.empty() ? "" : " ", parameters));
        ::close(::open(gate(path).c_str(), O_RDONLY)); // until let_go(), if it is held
        return {error, detail == details.end() ? std::string() : detail->second};
    }
    Result<netboot::LoopDevice> attach_loop(const std::string& path) override {
        if (const auto error = record("loop " + path)) return fail(path, error.message());
        return netboot::LoopDevice{"/dev/loop7", {}};
    }
    Result<int> start_process(const std::function<int()>& body) override {
        if (refuses_processes) return fail("fork", "cannot start a process");
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::alarm(60); // a failed test leaves nothing behind
            ::setsid();
            ::signal(SIGTERM, SIG_DFL); // Catch has its own handlers
            ::_exit(body());
        }
        started_.push_back(pid);
        return pid;
    }
    bool refuses_processes = false;
    const std::vector<pid_t>& started() const { return started_; }
    // Whether a process runs beside the first one, which is the watchdog when this is a whole boot.
    bool is_busy_beside_first() const {
        return std::any_of(started_.begin() + (started_.empty() ? 0 : 1), started_.end(),
                           [](pid_t pid) { return ::kill(pid, 0) == 0; });
    }
    void kill_process(int pid, int signal) override {
        if (::kill(-pid, signal) != 0) ::kill(pid, signal);
    }
    Result<netboot::OldRoot> enter_root(const std::string& path) override {
        if (const auto error = record("enter " + path)) return fail(path, error.message());
        return netboot::OldRoot{};
    }
    Result<void> leave_root(const netboot::OldRoot&, const std::string& path) override {
        return effect("leave " + path);
    }
    Result<void> become(const netboot::Program& program, const netboot::OldRoot&) override {
        std::string line = "become " + program.path;
        for (const std::string& argument : program.arguments)
            line += " " + argument;
        return effect(line);
    }
    Result<void> restart(netboot::Restart kind) override {
        return effect(kind == netboot::Restart::Reboot ? "reboot" : "poweroff");
    }
    Result<void> set_hostname(const std::string& name) override { return effect("hostname " + name); }
    std::int64_t clock_seconds() const override { return clock; }
    Result<void> set_clock_seconds(std::int64_t seconds) override {
        clock = seconds;
        return effect(fmt::format("clock {}", seconds));
    }
    std::string kernel_release() const override { return release; }
    std::string machine() const override { return "x86_64"; }

    std::int64_t clock = 1700000000;
    std::string release = "6.1.0-9-lts";
    std::map<std::string, std::string> details; // of ModuleAnswer, by the name of the module's file

  private:
    struct Answer {
        std::string start;
        std::errc error;
        unsigned times;
    };
    std::filesystem::path gate(std::string_view path) const {
        return record_directory_ / path.substr(path.rfind('/') + 1);
    }
    std::error_code record(const std::string& line) {
        std::ofstream(record_, std::ios::app) << line << '\n';
        for (Answer& answer : answers_) {
            if (!line.starts_with(answer.start) || answer.times == 0) continue;
            // Counted by the record, so that what children do counts too.
            const auto lines = calls();
            const auto so_far = std::count_if(lines.begin(), lines.end(),
                                              [&](const auto& l) { return l.starts_with(answer.start); });
            if (static_cast<unsigned>(so_far) <= answer.times) return std::make_error_code(answer.error);
        }
        return {};
    }
    Result<void> effect(const std::string& line) {
        if (const auto error = record(line)) return fail(line, error.message());
        return {};
    }

    TempDir directory_;
    TempDir record_directory_;
    std::filesystem::path record_ = record_directory_ / "calls";
    std::vector<Answer> answers_;
    std::vector<pid_t> started_;
};

} // namespace mkpxerd::test
