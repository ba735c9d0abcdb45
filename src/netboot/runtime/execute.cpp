// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/execute.hpp"

#include <cerrno>
#include <unistd.h>

namespace mkpxerd::netboot {
namespace {

// Ends with a null pointer, as execve(2) requires.
std::vector<char*> c_strings(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

int execute(const std::filesystem::path& file, const Program& program) {
    std::vector<std::string> arguments = program.arguments;
    arguments.insert(arguments.begin(), program.path);
    std::vector<std::string> environment = program.environment;
    ::execve(file.c_str(), c_strings(arguments).data(),
             environment.empty() ? environ : c_strings(environment).data());
    return errno;
}

} // namespace mkpxerd::netboot
