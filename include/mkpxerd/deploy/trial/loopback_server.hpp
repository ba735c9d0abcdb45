// SPDX-License-Identifier: MIT
// HTTP/1.1 on 127.0.0.1, for the one machine of a trial: files of a directory, and contents from memory. It
// works when poll() reports an event, so it needs no thread. Loopback is open to every user of this system,
// but the files may be private to their owner or root: other users than that of this process are refused, and
// the directory has an unguessable path.
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

    // path: with its leading slash. Takes precedence over a file of the same name.
    void add(std::string path, std::string content) { contents_[std::move(path)] = std::move(content); }
    // Serves it below a path of 128 random bits, and returns that path without a final slash. Errors: no
    // random bits.
    Result<std::string> serve_directory(std::filesystem::path directory);

    // The file that is being sent; name: empty if none is.
    struct Transfer {
        std::string name;
        std::uint64_t size = 0; // bytes
    };
    Transfer transfer() const;

    // What to poll for.
    std::vector<pollfd> wanted() const;
    // Handles the same descriptors after poll(), without waiting.
    void work(std::span<const pollfd> ready);

  private:
    struct Connection {
        UniqueFd fd;
        std::string request;
        std::string name; // of the file that is sent
        std::string head;
        std::optional<MappedFile> file;
        std::span<const std::byte> body;
        bool is_own = false; // from a process of this user
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
