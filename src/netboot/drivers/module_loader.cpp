// SPDX-License-Identifier: MIT
// Each module has a task: pre softdeps and dependencies side by side, the module itself, post softdeps. A
// task never waits for one that waits for it, directly or by way of others, so cycles of softdeps end.
#include "mkpxerd/netboot/drivers/module_loader.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

// Linux 6.5 and later answer EBUSY while another process loads the same module; a driver may answer it, too.
constexpr unsigned busy_attempts = 3;
constexpr auto busy_pause = std::chrono::milliseconds(100);
// How long a network driver has cards to itself: most are done before.
constexpr auto longest_turn = std::chrono::seconds(1);

// Explains the errors of finit_module(2), and of decompressing the file for it.
std::string why_refused(const ModuleAnswer& answer) {
    if (!answer.detail.empty()) return answer.detail;
    const std::error_code& error = answer.error;
    if (error == std::errc::executable_format_error) return "is built for another kernel, or is damaged";
    if (error == std::errc::no_such_file_or_directory) return "needs a symbol that no loaded module exports";
    if (error == std::errc::no_such_device) return "found no device to drive";
    if (error == std::errc::invalid_argument) return "does not know one of its parameters";
    if (error.value() == EKEYREJECTED) return "has no signature that the kernel accepts";
    return fmt::format("was refused by the kernel: {}", error.message());
}

// Of network cards and storage, one where the other is meant?
bool drives_other(DeviceKind driven, DeviceKind meant) {
    return (driven == DeviceKind::Network && meant == DeviceKind::Storage) ||
           (driven == DeviceKind::Storage && meant == DeviceKind::Network);
}

// Does `from` wait for `target`, directly or by way of others?
template <class Module>
bool waits(const Module& from, const Module& target) {
    return std::any_of(from.waits_for.begin(), from.waits_for.end(),
                       [&](const Module* next) { return next == &target || waits(*next, target); });
}

} // namespace

ModuleLoader::ModuleLoader(asio::io_context& io, System& system, Log& log, ImageModules lists, LoadMode mode)
    : io_(io), system_(system), log_(log), lists_(std::move(lists)), calls_(io, system, log, mode),
      tasks_(io), changed_(io) {}

bool ModuleLoader::knows(std::string_view name) const {
    const std::string normal = normal_module_name(name);
    return index().find(normal) != nullptr || is_present(normal);
}

bool ModuleLoader::is_present(const std::string& name) const {
    if (index().is_built_in(name)) return true;
    std::error_code ignored;
    return std::filesystem::exists(system_.host("/sys/module/" + name + "/initstate"), ignored);
}

bool ModuleLoader::is_live(const std::string& name) const {
    const auto state = read_file(system_.host("/sys/module/" + name + "/initstate"));
    return state && trim(*state) == "live";
}

Task<void> ModuleLoader::load(const std::string& name, const std::string& parameters, Urgency urgency,
                              Deadline deadline) {
    const std::string normal = normal_module_name(name);
    std::vector<Request> requests;
    for (const std::string& one : knows(normal) ? std::vector{normal} : lists_.resolve_alias(normal))
        requests.push_back(begin(one, parameters, urgency));
    return finish(name, std::move(requests), deadline);
}

Task<void> ModuleLoader::finish(std::string name, std::vector<Request> requests, Deadline deadline) {
    if (requests.empty()) co_return fail(Error(lists_.not_found(name)));
    Problems problems;
    for (const Request& request : requests) {
        Module& module = *request.module;
        while (!module.is_complete && Clock::now() < deadline)
            co_await module.changed.wait(deadline);
        if (request.had_failed)
            problems.add(Problem{
                .object = module.name, .text = "failed to load earlier", .code = Failure::ModuleRefused});
        else if (module.state == State::Failed)
            problems.add(*module.failure);
        else if (module.state == State::Loading)
            problems.add(unreturned(loads()[holding_up(module).load]));
    }
    // Of several drivers for the alias, one is enough.
    co_return problems.list().size() < requests.size() ? Result<void>() : problems.finish();
}

void ModuleLoader::load_alias(std::string_view modalias, const std::string& device, Urgency urgency) {
    if (!seen_aliases_.emplace(modalias).second) return;
    const DeviceKind kind = kind_of(modalias);
    device_kinds_.insert(kind);
    for (const std::string& name : lists_.resolve_alias(modalias)) {
        if (Request request = begin(name, {}, urgency, {device, kind}); request.is_new)
            tasks_.spawn(watch(std::move(request)));
    }
}

void ModuleLoader::note_live(const std::string& name) {
    const auto known = modules_.find(name);
    if (known != modules_.end() && known->second->state == State::Loading && is_live(name))
        calls_.note_live(known->second->load);
}

void ModuleLoader::look_for_live() {
    for (const std::string& name : loading())
        note_live(name);
}

asio::awaitable<void> ModuleLoader::watch(Request request) {
    while (request.module->state == State::Loading)
        co_await request.module->changed.wait(Deadline::max());
    if (request.module->failure) log_.warning(*request.module->failure);
}

ModuleLoader::Request ModuleLoader::begin(const std::string& name, std::string parameters, Urgency urgency,
                                          const AskingDevice& device) {
    if (const auto known = modules_.find(name); known != modules_.end()) {
        raise(*known->second, urgency);
        return {.module = known->second, .had_failed = known->second->state == State::Failed};
    }
    auto module = std::make_shared<Module>(io_, name, std::move(parameters), urgency);
    if (index().find(name) != nullptr) {
        module->load = calls_.queue(name, device.name);
        module->device = device.kind;
        if (device.kind == DeviceKind::Network) module->card_before = std::exchange(last_card_, module);
        modules_.emplace(name, module);
        tasks_.spawn(run(module));
        return {module, true};
    }
    module->is_complete = true;
    module->state = is_present(name) ? State::Loaded : State::Failed;
    if (module->state == State::Failed) module->failure.emplace(lists_.not_found(name));
    return {module, true};
}

// What another module wants has no parameters of its own.
ModuleLoader::Request ModuleLoader::begin_wanted(const std::string& name, Urgency urgency) {
    return begin(name, {}, urgency);
}

// Softdeps are optional. A name may be an alias ("crc32c"); one that the image lacks is skipped.
std::vector<ModuleLoader::Request> ModuleLoader::begin_soft(const Module& module,
                                                            std::vector<std::string> Softdep::*kind) {
    std::vector<Request> requests;
    for (const std::string& name : lists_.softdeps(module.name, kind))
        for (const std::string& one :
             knows(name) ? std::vector{normal_module_name(name)} : lists_.resolve_alias(name))
            requests.push_back(begin_wanted(one, module.urgency));
    return requests;
}

asio::awaitable<void> ModuleLoader::run(std::shared_ptr<Module> module) {
    co_await wait_for_dependencies(*module);
    co_await wait_for_turn(*module);
    if (!module->failure)
        if (auto inserted = co_await insert(*module); !inserted)
            module->failure = std::move(inserted).error();
    if (module->failure) calls_.set_problem(module->load, module->failure->first().text);
    settle(*module);
    std::vector<Request> afterwards;
    if (module->state == State::Loaded) afterwards = begin_soft(*module, &Softdep::post);
    for (const Request& after : afterwards)
        while (after.module->state == State::Loading)
            co_await after.module->changed.wait(Deadline::max());
    module->is_complete = true;
    module->changed.notify();
}

asio::awaitable<void> ModuleLoader::wait_for_dependencies(Module& module) {
    const auto before = begin_soft(module, &Softdep::pre);
    std::vector<Request> needed;
    for (const std::string& name : lists_.dependencies(module.name))
        needed.push_back(begin_wanted(name, module.urgency));
    std::vector<Request> all = needed;
    for (const Request& one : before)
        if (!lists_.depends_on(one.module->name, module.name)) all.push_back(one);
    co_await wait_for(module, all);
    for (const Request& one : before)
        if (one.is_new && one.module->failure) log_.detail(LogSubject::Modules, one.module->failure->text());
    for (const Request& one : needed) {
        if (module.failure || one.module->state != State::Failed) continue;
        module.failure = one.is_new ? *one.module->failure
                                    : Error(Problem{.object = one.module->name,
                                                    .text = "failed to load earlier",
                                                    .code = Failure::ModuleRefused});
    }
}

asio::awaitable<void> ModuleLoader::wait_for(Module& module, const std::vector<Request>& others) {
    // All at once, so that none of them begins to wait for this one.
    for (const Request& other : others)
        if (other.module.get() != &module && !waits(*other.module, module))
            module.waits_for.push_back(other.module.get());
    const std::vector<Module*> awaited = module.waits_for;
    for (Module* const other : awaited)
        while (other->state == State::Loading)
            co_await other->changed.wait(Deadline::max());
    module.waits_for.clear();
}

// Cards are named in the order in which they are registered: with side by side drivers it would be another at
// each boot. One whose dependencies are late loses its turn.
asio::awaitable<void> ModuleLoader::wait_for_turn(Module& module) {
    const auto before = std::exchange(module.card_before, nullptr);
    const auto ready = Clock::now();
    const auto limit = [&] { return before->turn ? *before->turn + longest_turn : ready + 2 * longest_turn; };
    while (before && before->state == State::Loading && !waits(*before, module) && Clock::now() < limit())
        co_await before->changed.wait(limit());
    module.turn = Clock::now();
    module.changed.notify();
}

// A plain file beside the compressed one that modules.dep names is from an overlay, which means to replace
// it.
std::string ModuleLoader::file_of(const Module& module) const {
    const std::string listed = fmt::format("{}/{}", lists_.directory, index().find(module.name)->path);
    const std::string plain(plain_module_path(listed));
    std::error_code ignored;
    return plain != listed && std::filesystem::exists(system_.host(plain), ignored) ? plain : listed;
}

Task<void> ModuleLoader::insert(const Module& module) {
    const std::string parameters = lists_.parameters(module.name, module.parameters);
    const std::string path = file_of(module);
    ModuleAnswer answer;
    for (unsigned attempt = 1;; ++attempt) {
        // The kernel starts modprobe by itself, which may have been faster.
        if (is_live(module.name)) co_return Result<void>();
        answer = co_await calls_.call(module.load, path, parameters, module.urgency);
        if (answer.error != std::errc::device_or_resource_busy || attempt == busy_attempts) break;
        co_await sleep_until(io_, Clock::now() + busy_pause);
    }
    if (answer.error && answer.error != std::errc::file_exists)
        co_return fail(module.name, why_refused(answer), {}, Failure::ModuleRefused);
    if (!answer.error) {
        loaded_.push_back(module.name);
        log_.detail(LogSubject::Modules,
                    fmt::format("module {}{}{}{}", module.name, parameters.empty() ? "" : " ", parameters,
                                answer.detail.empty() ? "" : fmt::format(" ({})", answer.detail)));
    }
    co_return Result<void>();
}

void ModuleLoader::settle(Module& module) {
    module.state = module.failure ? State::Failed : State::Loaded;
    module.changed.notify();
    changed_.notify();
}

void ModuleLoader::raise(Module& module, Urgency urgency) {
    if (module.state != State::Loading || urgency >= module.urgency) return;
    module.urgency = urgency;
    calls_.raise(module.load, urgency);
    for (Module* const other : module.waits_for)
        raise(*other, urgency);
}

asio::awaitable<void> ModuleLoader::wait_until_settled(Urgency urgency) {
    const auto is_open = [urgency](const auto& entry) {
        return entry.second->state == State::Loading && entry.second->urgency <= urgency;
    };
    while (std::any_of(modules_.begin(), modules_.end(), is_open))
        co_await changed_.wait(Deadline::max());
}

void ModuleLoader::forget_failures() {
    std::erase_if(modules_, [](const auto& entry) { return entry.second->state == State::Failed; });
    seen_aliases_.clear();
}

std::vector<std::string> ModuleLoader::loading() const {
    std::vector<std::string> names;
    for (const auto& [name, module] : modules_)
        if (module->state == State::Loading) names.push_back(name);
    return names;
}

std::optional<Problem> ModuleLoader::unreturned(DeviceKind device) const {
    const ModuleLoad* longest = nullptr;
    for (const auto& [name, module] : modules_) {
        const ModuleLoad& load = loads()[module->load];
        if (module->state != State::Loading || !is_needed(module->urgency) || !is_running(load)) continue;
        if (drives_other(module->device, device)) continue;
        if (longest == nullptr || load.begun < longest->begun) longest = &load;
    }
    return longest == nullptr ? std::nullopt : std::optional(unreturned(*longest));
}

const ModuleLoader::Module& ModuleLoader::holding_up(const Module& module) const {
    if (is_running(loads()[module.load])) return module;
    for (const Module* const other : module.waits_for)
        if (other->state == State::Loading) return holding_up(*other);
    return module;
}

Problem ModuleLoader::unreturned(const ModuleLoad& load) {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(Clock::now() - load.begun.value_or(load.queued)).count();
    return {.object = load.name,
            .text = fmt::format("the module{} has {} for {} s",
                                load.device.empty() ? "" : fmt::format(", which drives {},", load.device),
                                load.begun ? "not returned from the kernel" : "waited for others", seconds),
            .hint = "look at the kernel's messages about the device; blacklist= leaves the module out",
            .code = Failure::InitBlocked};
}

} // namespace mkpxerd::netboot
