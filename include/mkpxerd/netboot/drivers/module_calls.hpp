// SPDX-License-Identifier: MIT
// Loads module files without holding up the event loop, in the order of LoadPlaces, and keeps the times.
// Where no process can be started, it calls the kernel itself, one module after the other.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mkpxerd/netboot/drivers/load_places.hpp"
#include "mkpxerd/netboot/drivers/loader_process.hpp"
#include "mkpxerd/netboot/drivers/module_load.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

enum class LoadMode { OneByOne, SideBySide };

class ModuleCalls {
  public:
    ModuleCalls(boost::asio::io_context& io, System& system, Log& log, LoadMode mode,
                unsigned places = LoadPlaces::of_this_machine());
    ModuleCalls(const ModuleCalls&) = delete;
    ModuleCalls& operator=(const ModuleCalls&) = delete;

    // A load that has yet to wait for others. Returns its number.
    std::size_t queue(std::string name, std::string device);
    // Precondition: no other call for this load runs.
    boost::asio::awaitable<ModuleAnswer> call(std::size_t load, std::string path, std::string parameters,
                                              Urgency urgency);
    void raise(std::size_t load, Urgency urgency);
    // The module works, though its call has not returned: call() does.
    void note_live(std::size_t load);
    void set_problem(std::size_t load, std::string problem) { loads_[load].problem = std::move(problem); }
    const std::vector<ModuleLoad>& loads() const { return loads_; } // by number

  private:
    struct Open {
        Open(boost::asio::io_context& io, ModuleCall of) : changed(io), call(std::move(of)) {}
        Notifier changed;
        ModuleCall call;
        bool begun = false;
        bool sent = false;    // the process may have begun it
        bool refused = false; // a process had ended when it was to be sent
        std::optional<ModuleAnswer> answer;
    };
    void begin_next();
    void begin(std::size_t load);
    void end(std::size_t load, ModuleAnswer answer);
    bool has_process();
    void take(std::optional<NumberedAnswer> answer);
    void look_again_later();

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    LoadMode mode_;
    LoadPlaces places_;
    std::unique_ptr<LoaderProcess> process_; // started by the first call
    std::map<std::size_t, std::shared_ptr<Open>> open_;
    std::vector<ModuleLoad> loads_;
    Timer again_;
};

} // namespace mkpxerd::netboot
