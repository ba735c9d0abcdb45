// SPDX-License-Identifier: MIT
// The scripts stay as they are, except for the URLs of the bundle: a trial tests what machines will load.
#include "mkpxerd/deploy/trial/trial_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/deploy/bundle/bundle_lines.hpp"
#include "mkpxerd/deploy/site/boot_line.hpp"
#include "mkpxerd/deploy/trial/bundle_urls.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_script = std::size_t{1} << 20; // bytes
constexpr std::string_view usual_server = "10.0.2.4";        // for a server that is named otherwise
constexpr std::string_view base_word = "set base ";
constexpr std::string_view more_word = "${more}";

// false: there was nothing to replace.
bool replace_all(std::string& text, std::string_view old, std::string_view by) {
    const bool is_there = text.find(old) != std::string::npos;
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size()))
        text.replace(at, old.size(), by);
    return is_there;
}

// After the options of the machine's own script, which may set ${more}.
void add_options(std::string& script, const std::string& more) {
    const auto options = kernel_options(script);
    const std::size_t end =
        options ? static_cast<std::size_t>(options->data() - script.data()) + init_args_at(*options)
                : std::string::npos;
    const auto at = script.find(more_word);
    if (at < end)
        script.insert(at + more_word.size(), more);
    else if (end != std::string::npos)
        script.insert(end, more);
}

bool is_usable_address(const Ipv4Address& address) {
    const std::uint32_t last = address.value & 0xff;
    return last != 0 && last != 0xff && (address.value >> 24) != 127;
}

class Planner {
  public:
    Planner(const TrialBundle& bundle, std::string script, Url base, const std::string& trial)
        : bundle_(bundle), urls_(std::move(base), trial), trial_(trial) {
        plan_.script = std::move(script);
    }
    Result<TrialPlan> plan(std::string server, std::string_view base_text);

  private:
    void read_options(std::string_view script, std::string_view base_text, std::string_view more);
    void choose_machine();
    void check_source(std::string_view option, const std::optional<Source>& source);
    void check_url(std::string_view option, const UrlTemplate& url);
    void check_readable(const std::string& name);
    bool drop_medium();
    void refuse(std::string object, std::string text, std::string hint = {});
    void finish_script(std::string_view base_text);
    void read_machine_script(std::string_view base_text);
    std::string own_script_name() const;

    const TrialBundle& bundle_;
    BundleUrls urls_;
    std::string trial_;
    BootOptions options_;
    BootPlan boot_;
    MachineNames names_{std::string(trial_mac), std::string(trial_uuid)};
    TrialPlan plan_;
    std::string own_script_; // of the machine; empty: it has none
    Problems unreadable_;
};

// With the names of the bundle's own server. more: what the script of the machine adds.
void Planner::read_options(std::string_view script, std::string_view base_text, std::string_view more) {
    std::string line(kernel_options(script).value_or(""));
    replace_all(line, more_word, more);
    replace_all(line, "${base}", base_text);
    const CmdlineSource sources[] = {
        {"boot.conf", bundle_.baked}, {"boot.ipxe", line}, {"--cmdline", bundle_.options}};
    Problems ignored; // the init reports them
    options_ = read_boot_options(sources, ignored);
    boot_ = draft_boot_plan(options_, {.has_apk = bundle_.has_apk}, ignored);
}

// The first machine that the bundle has a file for.
void Planner::choose_machine() {
    for (const auto* source : {&boot_.apkovl, &boot_.root, &boot_.modloop})
        if (const auto* urls = get_source<UrlSource>(*source))
            for (const UrlTemplate& url : urls->alternatives) {
                const auto path = urls_.path_of(url.url);
                if (!path || path->find('{') == std::string::npos) continue;
                if (const auto machine = find_machine(bundle_.directory, *path, names_)) names_ = *machine;
                plan_.mac = names_.mac;
                plan_.uuid = names_.uuid;
                return;
            }
}

void Planner::refuse(std::string object, std::string text, std::string hint) {
    plan_.notes.push_back({.object = std::move(object), .text = std::move(text), .hint = std::move(hint)});
}

// The trial serves files as the user that runs it; a server may be another one.
void Planner::check_readable(const std::string& name) {
    if (auto problem = find_unreadable(bundle_.directory / name)) {
        problem->text += ", so a trial cannot serve it";
        unreadable_.add(*problem);
    }
}

void Planner::check_url(std::string_view option, const UrlTemplate& url) {
    const std::string object = fmt::format("{}={}", option, redact_url(url.text));
    const auto path = urls_.path_of(url.url);
    if (!path) {
        refuse(object, "is not a file of the bundle, and a trial reaches no other server");
        return;
    }
    const auto file = filled_path(*path, names_);
    std::error_code error;
    if (!file) {
        refuse(object, "has a name that only the machine knows: the trial serves it if the bundle has it");
    } else if (fs::exists(bundle_.directory / percent_decode(*file), error)) {
        check_readable(percent_decode(*file));
    } else if (option == "apkovl" && *file != *path && url.url.fragment.empty()) {
        plan_.stand_in = *file;
        refuse(object, "the bundle has no such file of any machine: a small system stands in for it",
               fmt::format("name one {} for the machine of the trial", *file));
    } else {
        refuse(object, fmt::format("the bundle has no {}", *file));
    }
}

void Planner::check_source(std::string_view option, const std::optional<Source>& source) {
    if (!source) return;
    const std::string object = fmt::format("{}={}", option, to_text(*source));
    if (const auto* urls = std::get_if<UrlSource>(&*source))
        for (const UrlTemplate& url : urls->alternatives)
            check_url(option, url);
    else if (std::holds_alternative<NfsSource>(*source))
        refuse(object, option == "alpine_dev" && drop_medium()
                           ? "a trial has no NFS server: the machine boots without it"
                           : "a trial has no NFS server, so the machine cannot boot from there");
    else if (!std::holds_alternative<MediumPath>(*source))
        refuse(object, "the machine of a trial has no disk");
}

// A medium that is missing would fail the boot of everything else. false: no script names it, as it is baked
// into the image or an option of the trial.
bool Planner::drop_medium() {
    bool is_dropped = false;
    for (const char* form : {"alpine_dev={}", "alpine_dev=\"{}\"", "\"alpine_dev={}\""})
        for (std::string* script : {&plan_.script, &own_script_})
            is_dropped |= replace_all(*script, fmt::format(fmt::runtime(form), options_.alpine_dev), "");
    return is_dropped;
}

// The base is replaced by itself: it is not below the bundle.
void Planner::finish_script(std::string_view base_text) {
    std::string& script = plan_.script;
    const auto base = script.find(fmt::format("{}{}", base_word, base_text)) + base_word.size();
    script = urls_.rewritten(script.substr(0, base)) + trial_ +
             urls_.rewritten(std::string_view(script).substr(base + base_text.size()));
    std::string more = ' ' + urls_.rewritten(bundle_.options);
    if (const std::string baked = urls_.rewritten(bundle_.baked); baked != bundle_.baked)
        more = ' ' + baked + more;
    add_options(script, more);
    if (own_script_.empty()) return;
    std::string& own = plan_.texts[own_script_name()] = urls_.rewritten(own_script_);
    if (kernel_options(own)) add_options(own, more);
}

std::string Planner::own_script_name() const {
    std::string name = names_.mac;
    std::ranges::replace(name, ':', '-');
    return fmt::format("mac/{}.ipxe", name);
}

// With its options instead of those of the others, if it loads a kernel itself.
void Planner::read_machine_script(std::string_view base_text) {
    const std::string name = own_script_name();
    own_script_ = read_regular(bundle_.directory / name, longest_script).value_or("");
    const bool boots = kernel_options(own_script_).has_value();
    read_options(boots ? own_script_ : plan_.script, base_text,
                 rest_of_command(own_script_, "set more ").value_or(""));
    if (const auto missing = find_missing_archive(bundle_.directory, name, own_script_))
        plan_.notes.push_back(*missing);
    else if (const std::string archive = archive_of(own_script_); !archive.empty())
        check_readable(archive);
}

Result<TrialPlan> Planner::plan(std::string server, std::string_view base_text) {
    plan_.server = std::move(server);
    read_options(plan_.script, base_text, "");
    choose_machine();
    read_machine_script(base_text);
    check_source("root", boot_.root);
    check_source("apkovl", boot_.apkovl);
    check_source("ovl_dev", boot_.search_apkovl);
    check_source("alpine_dev", boot_.alpine_dev);
    check_source("modloop", boot_.modloop);
    for (const std::string& repository : options_.repositories)
        if (const auto url = UrlTemplate::parse(repository)) check_url("alpine_repo", *url);
    if (boot_.ssh_key) check_source("ssh_key", Source(*boot_.ssh_key));
    if (!options_.proxy.empty())
        refuse(fmt::format("mkpxerd.proxy={}", redact_url(options_.proxy)), "a trial reaches no proxy");
    if (!options_.log_host.empty())
        refuse(fmt::format("mkpxerd.log={}", options_.log_host), "a trial has no log server");
    if (is_url(options_.report_url)) // the trial's own is a serial port
        refuse(fmt::format("mkpxerd.report={}", redact_url(options_.report_url)), "a trial takes no report");
    finish_script(base_text);
    check_readable("vmlinuz");
    check_readable("pxerd");
    MKPXERD_TRY(unreadable_.finish());
    return std::move(plan_);
}

} // namespace

std::optional<Problem> find_unreadable(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd || errno != EACCES) return std::nullopt;
    std::error_code error;
    return Problem{.object = file.string(),
                   .text = fmt::format("has mode {:04o}: this user cannot read it",
                                       static_cast<unsigned>(fs::status(file, error).permissions()) & 07777U),
                   .hint = "run try as a user that can read it"};
}

Result<TrialPlan> plan_trial(const TrialBundle& bundle, const std::string& place) {
    const fs::path file = bundle.directory / "boot.ipxe";
    MKPXERD_TRY_ASSIGN(std::string script, read_regular(file, longest_script));
    const std::string_view said = rest_of_command(script, base_word).value_or("");
    const std::string base_text(trim(said.substr(0, said.find(' '))));
    auto base = parse_url(base_text);
    if (!base)
        return fail(file.string(), "does not say where the bundle is: it has no line `set base URL`",
                    "run mkpxerd bundle again");
    // A server by its address is in the machine's network, with the addresses that the options name.
    const auto address = Ipv4Address::parse(base->host);
    std::string server(address && is_usable_address(*address) ? base->host : usual_server);
    const std::string trial = fmt::format("http://{}{}", server, place);
    return Planner(bundle, std::move(script), std::move(*base), trial).plan(std::move(server), base_text);
}

std::string trial_network(const std::string& server, const std::string& command) {
    const std::uint32_t value = Ipv4Address::parse(server).value_or(Ipv4Address{}).value;
    const std::uint32_t network = value & ~std::uint32_t{0xff};
    // QEMU's own addresses, in the half of the network where the server is not.
    const std::uint32_t first = (value & 0xff) < 128 ? 200 : 100;
    const auto at = [&](std::uint32_t host) { return Ipv4Address{network + host}.text(); };
    std::string escaped = command;
    replace_all(escaped, ",", ",,"); // as QEMU splits options
    return fmt::format("restrict=on,ipv6=off,net={}/24,host={},dns={},dhcpstart={},guestfwd=tcp:{}:80-cmd:{}",
                       at(0), at(first), at(first + 1), at(first + 15), server, escaped);
}

} // namespace mkpxerd::deploy
