// SPDX-License-Identifier: MIT
// One loop waits for everything: the machine's console, the connections of its downloads, the clock.
#include "mkpxerd/deploy/trial/trial.hpp"

#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/bundle/child_process.hpp"
#include "mkpxerd/deploy/bundle/tar_writer.hpp"
#include "mkpxerd/deploy/trial/loopback_server.hpp"
#include "mkpxerd/deploy/trial/report_catcher.hpp"
#include "mkpxerd/deploy/trial/trial_plan.hpp"

namespace mkpxerd::deploy {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// How long to continue reading after a verdict: hints follow a failure, and a failure may follow a hand-over.
constexpr auto after_failure = 500ms;
constexpr auto after_handover = 2s;
constexpr auto report_patience = 10s; // the report of a failure follows its line
constexpr auto longest_drain = 2s;
constexpr std::size_t longest_script = std::size_t{1} << 20;
constexpr std::string_view arrival_root = "/arrival.tar";
// The script that the card's iPXE fetches first.
constexpr const char* trial_script_name = "/mkpxerd-try.ipxe";
constexpr auto tick = 1000ms;
constexpr std::string_view arrival_mark = "mkpxerd: arrived";

// A root file system of one program.
Result<std::string> make_arrival_root(const std::filesystem::path& program) {
    std::string bytes;
    TarWriter tar(
        [&](std::span<const std::byte> piece) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        },
        0);
    for (const char* directory : {"dev", "proc", "run", "sbin", "sys", "tmp"})
        MKPXERD_TRY(tar.add_directory(directory));
    MKPXERD_TRY(tar.add_file("sbin/init", program, 0755));
    MKPXERD_TRY(tar.finish());
    return bytes;
}

class Trial {
  public:
    Trial(const TrialRequest& request, const TrialObserver& observer, LoopbackServer server)
        : request_(request), observer_(observer), server_(std::move(server)), watch_(request.expected) {}

    Result<Verdict> run(const EmulatorParts& parts);

  private:
    // What the machine is connected to; command_line_ gets that of an image.
    Result<EmulatorWire> prepare_image();
    Result<EmulatorWire> prepare_bundle();
    Result<void> serve_arrival(const std::string& path);
    std::string relay_command() const;
    // Returns after a verdict, the end of the machine, or the timeout. report: -1 if none is wanted.
    void listen(int console, int report, Clock::time_point deadline);
    // How long to continue after this verdict.
    Clock::duration patience(const Verdict& verdict) const;
    // false: the machine has ended.
    bool read_console(int console);
    // false: it is closed.
    bool read_report(int report);
    // What a machine that has ended left in the pipe.
    void drain(int report);

    const TrialRequest& request_;
    const TrialObserver& observer_;
    LoopbackServer server_;
    ConsoleWatch watch_;
    ReportCatcher reports_;
    std::string command_line_;
    bool ended_ = false;
};

// In the quotes of a shell, whose rules QEMU follows.
std::string Trial::relay_command() const {
    std::string path;
    for (const char c : request_.relay.string())
        path += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return fmt::format("'{}' {}", path, server_.port());
}

// A small system at this path, and its report is what the trial waits for.
Result<void> Trial::serve_arrival(const std::string& path) {
    MKPXERD_TRY_ASSIGN(std::string root, make_arrival_root(request_.arrival));
    server_.add(path, std::move(root));
    if (request_.expected.empty()) watch_ = ConsoleWatch(std::string(arrival_mark));
    return {};
}

Result<EmulatorWire> Trial::prepare_image() {
    command_line_ = trial_options(request_, "");
    if (request_.options) return EmulatorWire{};
    MKPXERD_TRY(serve_arrival(std::string(arrival_root)));
    // The served root is not the one that the image pins. The machine meets this one's loopback at 10.0.2.2.
    command_line_ += fmt::format("ip=dhcp root=http://10.0.2.2:{}{} panic=1 mkpxerd.optional=apkovl,modloop",
                                 server_.port(), arrival_root);
    return EmulatorWire{};
}

Result<EmulatorWire> Trial::prepare_bundle() {
    const std::string script = read_regular(request_.bundle / "boot.ipxe", longest_script).value_or("");
    // The path goes into the script, not into QEMU's command line, which every user can see.
    MKPXERD_TRY_ASSIGN(const std::string path, server_.serve_directory(request_.bundle));
    MKPXERD_TRY_ASSIGN(const TrialPlan plan,
                       plan_trial({.directory = request_.bundle,
                                   .baked = request_.baked,
                                   .options = trial_options(request_, script + request_.baked),
                                   .has_apk = request_.has_apk},
                                  path));
    for (const auto& [name, text] : plan.texts)
        server_.add(path + '/' + name, text);
    server_.add(path + "/boot.ipxe", plan.script);
    server_.add(trial_script_name, plan.script);
    if (!plan.stand_in.empty()) MKPXERD_TRY(serve_arrival(path + '/' + plan.stand_in));
    for (const Problem& note : plan.notes)
        observer_.note(note);
    std::error_code error;
    if (!std::filesystem::exists(request_.relay, error))
        return fail(request_.relay.string(), "is not installed");
    return EmulatorWire{.network = trial_network(plan.server, relay_command()),
                        .script = fmt::format("http://{}{}", plan.server, trial_script_name),
                        .mac = plan.mac,
                        .uuid = plan.uuid};
}

Result<Verdict> Trial::run(const EmulatorParts& parts) {
    MKPXERD_TRY_ASSIGN(const EmulatorWire wire, request_.image.empty() ? prepare_bundle() : prepare_image());
    MKPXERD_TRY_ASSIGN(Pipe pipe, Pipe::open());
    Pipe report;
    if (request_.wants_report) {
        MKPXERD_TRY_ASSIGN(report, Pipe::open());
    }
    MKPXERD_TRY_ASSIGN(ChildProcess machine,
                       ChildProcess::start(emulator_command(parts, request_, wire, command_line_), UniqueFd(),
                                           std::move(pipe.write), std::move(report.write)));
    listen(pipe.read.get(), report.read ? report.read.get() : -1,
           Clock::now() + std::chrono::seconds(request_.timeout));
    if (request_.wants_report) observer_.report(reports_.last());
    if (!watch_.rest().empty()) observer_.line(watch_.rest());
    if (watch_.verdict()) return *watch_.verdict();
    if (ended_)
        return fail("the machine",
                    fmt::format("ended before its boot had a result (QEMU: {})", machine.wait()));
    return fail("the machine", fmt::format("has not booted after {} s", request_.timeout),
                "--timeout gives it more time");
}

Clock::duration Trial::patience(const Verdict& verdict) const {
    const bool of_init = verdict.kind == Verdict::Kind::HandedOver || verdict.kind == Verdict::Kind::Failed;
    if (request_.wants_report && !reports_.last()) {
        if (of_init) return report_patience;
        // The expected text may precede the init.
        if (verdict.kind == Verdict::Kind::Arrived) return std::chrono::seconds(request_.timeout);
    }
    return verdict.kind == Verdict::Kind::HandedOver ? after_handover : after_failure;
}

void Trial::listen(int console, int report, Clock::time_point deadline) {
    std::optional<Clock::time_point> heard; // the first verdict
    while (!ended_) {
        if (watch_.verdict() && !heard) heard = Clock::now();
        const auto end = heard ? std::min(deadline, *heard + patience(*watch_.verdict())) : deadline;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left <= 0ms) return;
        observer_.tick(server_.transfer());
        std::vector<pollfd> wanted = server_.wanted();
        wanted.push_back({report, POLLIN, 0}); // poll(2) ignores -1
        wanted.push_back({console, POLLIN, 0});
        if (::poll(wanted.data(), wanted.size(), static_cast<int>(std::min(left, tick).count()) + 1) < 0 &&
            errno != EINTR)
            return;
        if (wanted.back().revents != 0) ended_ = !read_console(console);
        if (wanted[wanted.size() - 2].revents != 0 && !read_report(report)) report = -1;
        server_.work(std::span(wanted).first(wanted.size() - 2));
    }
    drain(report);
}

// Another process may keep the pipe open, or write for ever: both have an end here.
void Trial::drain(int report) {
    const auto deadline = Clock::now() + longest_drain;
    pollfd wanted{report, POLLIN, 0};
    while (report >= 0 && Clock::now() < deadline &&
           ::poll(&wanted, 1, static_cast<int>(after_failure.count())) > 0)
        if (!read_report(report)) return;
}

bool Trial::read_report(int report) {
    char bytes[4096];
    const ssize_t count = ::read(report, bytes, sizeof bytes);
    if (count < 0) return errno == EINTR;
    reports_.feed({bytes, static_cast<std::size_t>(count)});
    return count > 0;
}

bool Trial::read_console(int console) {
    char bytes[4096];
    const ssize_t count = ::read(console, bytes, sizeof bytes);
    if (count < 0) return errno == EINTR;
    for (const std::string& line : watch_.feed({bytes, static_cast<std::size_t>(count)}))
        observer_.line(line);
    return count > 0;
}

} // namespace

Result<Verdict> run_trial(const TrialRequest& request, const TrialObserver& observer) {
    MKPXERD_TRY_ASSIGN(const EmulatorParts parts, find_emulator(request.uefi));
    MKPXERD_TRY_ASSIGN(LoopbackServer server, LoopbackServer::open());
    return Trial(request, observer, std::move(server)).run(parts);
}

} // namespace mkpxerd::deploy
