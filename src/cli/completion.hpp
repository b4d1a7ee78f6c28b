#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace pintle::cli {

/// What could stand where the user is typing.
struct Candidate {
    std::string word;
    std::string help;  ///< May be empty.
};

/// What completion can offer at one place: words of the table, and what has to be looked up elsewhere.
struct Completion {
    std::vector<Candidate> words;
    Offer offer = Offer::kNothing;        ///< Names that the server knows, or files.
    std::string prefix;                   ///< What is typed of it so far.
    std::vector<std::string> positional;  ///< The positionals before it: for the sources of a project.
};

/// `words` are those after the program's name, the last of them being typed. Pure and total: nonsense completes to
/// nothing.
[[nodiscard]] Completion complete(const std::vector<CommandSpec>& commands, const std::vector<Option>& globals,
                                  const std::vector<std::string>& words);

/// The script for "bash", "zsh" or "fish". It asks `pintle complete` for everything, so it never is out of date.
[[nodiscard]] std::string completion_script(std::string_view shell);

}  // namespace pintle::cli
