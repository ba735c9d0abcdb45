// SPDX-License-Identifier: MIT
// The syntax of completions for one shell: completions/SHELL of the data. Lines "%NAME[text]" are forms that
// the program fills and repeats, "%#" begins a comment, and all other lines are the script around them.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/text_template.hpp"

namespace mkpxerd::cli {

class ShellTemplate {
  public:
    // Errors: a file that cannot be read; a form without an end.
    static Result<ShellTemplate> read(const std::filesystem::path& file);
    // A form with its placeholders filled. A missing form or value gives an empty text here, and an error of
    // script().
    std::string form(const std::string& name, const PlaceholderValues& values = {});
    // The whole script. Errors: whatever form() missed; a placeholder without a value.
    Result<std::string> script(const PlaceholderValues& values) const;

  private:
    explicit ShellTemplate(std::string name) : name_(std::move(name)) {}

    std::string name_; // of the file
    std::map<std::string, std::string> forms_;
    std::string script_;
    Problems problems_;
};

} // namespace mkpxerd::cli
