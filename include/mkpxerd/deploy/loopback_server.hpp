// SPDX-License-Identifier: MIT
// HTTP/1.1 on 127.0.0.1, for the one machine of a trial: files of a directory, and contents made in memory.
// It does its work when poll() says that there is some, so it needs no thread. Loopback is open to every user
// of this system, and the files may be for their owner alone, or for root: whoever is not the user of this
// process is refused, and the directory lies below a path that nobody can guess.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <poll.h>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::deploy {

class LoopbackServer {
  public:
    // On a port that the kernel chooses.
    static Result<LoopbackServer> open();
    std::uint16_t port() const { return port_; }

    // path: with its leading slash. Stronger than a file of the same name.
    void add(std::string path, std::string content) { contents_[std::move(path)] = std::move(content); }
    // Below a path of 128 random bits, without a slash at its end, which is returned. Errors: no random bits.
    Result<std::string> serve_directory(std::filesystem::path directory);

    // What to poll for.
    std::vector<pollfd> wanted() const;
    // Does what can be done without waiting, for the same descriptors after poll().
    void work(std::span<const pollfd> ready);

  private:
    struct Connection {
        UniqueFd fd;
        std::string request;
        std::string head;
        std::optional<MappedFile> file;
        std::span<const std::byte> body;
        bool is_own = false; // of a process of this user
        bool answering = false;
        std::size_t sent = 0; // of head and body
    };
    LoopbackServer(UniqueFd fd, std::uint16_t port) : fd_(std::move(fd)), port_(port) {}
    void accept();
    // false: the connection is over.
    bool receive(Connection& connection);
    bool send(Connection& connection);
    void answer(Connection& connection);
    bool find(const std::string& path, Connection& connection) const;

    UniqueFd fd_;
    std::uint16_t port_;
    std::filesystem::path directory_;
    std::string directory_path_; // on the server: "/" and hexadecimal digits
    std::map<std::string, std::string> contents_;
    std::list<Connection> connections_;
};

} // namespace mkpxerd::deploy
