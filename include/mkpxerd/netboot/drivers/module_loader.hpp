// SPDX-License-Identifier: MIT
// Loads kernel modules from the image, by name or by alias, each after its dependencies and beside all
// others.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/drivers/image_modules.hpp"
#include "mkpxerd/netboot/drivers/module_calls.hpp"
#include "mkpxerd/netboot/drivers/urgency.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// The device that a module is loaded for, if it is known.
struct AskingDevice {
    std::string name = {}; // as in ModuleLoad
    DeviceKind kind = DeviceKind::Bus;
};

class ModuleLoader {
  public:
    ModuleLoader(boost::asio::io_context& io, System& system, Log& log, ImageModules lists,
                 LoadMode mode = LoadMode::OneByOne);
    ModuleLoader(const ModuleLoader&) = delete;
    ModuleLoader& operator=(const ModuleLoader&) = delete;

    // Loads by name or alias, with its post softdeps: begins now, not when the task is awaited. Succeeds for
    // a module that is already loaded or built in. Errors (MPX-MOD-01 not in the image, MPX-MOD-02 refused by
    // the kernel, MPX-SYS-04 not loaded by the deadline) name the module.
    Task<void> load(const std::string& name, const std::string& parameters, Urgency urgency,
                    Deadline deadline);
    // Begins to load all modules for a device's modalias, if there are any. Warns once about each that fails.
    // Drivers of network cards begin in the order of these calls, see wait_for_turn().
    void load_alias(std::string_view modalias, const std::string& device = {},
                    Urgency urgency = Urgency::Device);
    // Has a device of this kind asked for a driver, whether or not there is one?
    bool has_device(DeviceKind kind) const { return device_kinds_.contains(kind); }
    // Until no module of this urgency or a higher one is queued or loading.
    boost::asio::awaitable<void> wait_until_settled(Urgency urgency);

    // The kernel says that it has a module. Its call may go on until other devices have been probed.
    void note_live(const std::string& name);
    // The same when it may have said so of any.
    void look_for_live();

    // Lets the next request try failed modules again; one that is loading is never loaded twice.
    void forget_failures();

    // Does the image have the module, or is it loaded or built in?
    bool knows(std::string_view name) const;
    const std::vector<std::string>& loaded() const { return loaded_; }      // in order
    const std::vector<ModuleLoad>& loads() const { return calls_.loads(); } // in the order of queueing
    std::vector<std::string> loading() const;                               // names: queued or running
    // MPX-SYS-04: the needed module whose call has been running for longest, of those that may drive such a
    // device. nullopt: there is none.
    std::optional<Problem> unreturned(DeviceKind device) const;
    const ModuleIndex& index() const { return lists_.index; }

  private:
    enum class State { Loading, Loaded, Failed };
    // A module on its way. Those that it waits for are kept by the task that waits.
    struct Module {
        Module(boost::asio::io_context& io, std::string of, std::string with, Urgency how)
            : name(std::move(of)), parameters(std::move(with)), urgency(how), changed(io) {}
        std::string name;
        std::string parameters; // of the request
        Urgency urgency;
        State state = State::Loading;
        bool is_complete = false; // with its post softdeps
        DeviceKind device = DeviceKind::Bus;
        std::shared_ptr<Module> card_before;   // of a network driver: the one before it
        std::optional<Clock::time_point> turn; // when wait_for_turn() ended
        std::optional<Error> failure;
        std::size_t load = 0; // its number in loads()
        std::vector<Module*> waits_for;
        Notifier changed;
    };
    struct Request {
        std::shared_ptr<Module> module;
        bool is_new = false; // this request began to load it
        bool had_failed = false;
    };
    Request begin(const std::string& name, std::string parameters, Urgency urgency,
                  const AskingDevice& device = {});
    Request begin_wanted(const std::string& name, Urgency urgency);
    std::vector<Request> begin_soft(const Module& module, std::vector<std::string> Softdep::*kind);
    Task<void> finish(std::string name, std::vector<Request> requests, Deadline deadline);
    boost::asio::awaitable<void> run(std::shared_ptr<Module> module);
    boost::asio::awaitable<void> wait_for(Module& module, const std::vector<Request>& others);
    boost::asio::awaitable<void> wait_for_dependencies(Module& module);
    boost::asio::awaitable<void> wait_for_turn(Module& module);
    std::string file_of(const Module& module) const;
    Task<void> insert(const Module& module);
    boost::asio::awaitable<void> watch(Request request);
    void settle(Module& module);
    void raise(Module& module, Urgency urgency);
    bool is_present(const std::string& name) const;
    bool is_live(const std::string& name) const;
    // The module whose call this one waits for; itself if it waits for none.
    const Module& holding_up(const Module& module) const;
    static Problem unreturned(const ModuleLoad& load);

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    ImageModules lists_;
    ModuleCalls calls_;
    TaskGroup tasks_;
    Notifier changed_; // a module has settled
    std::map<std::string, std::shared_ptr<Module>, std::less<>> modules_;
    std::set<std::string, std::less<>> seen_aliases_;
    std::set<DeviceKind> device_kinds_; // of load_alias()
    std::shared_ptr<Module> last_card_; // the network driver begun last
    std::vector<std::string> loaded_;
};

} // namespace mkpxerd::netboot
