#include "cli/help.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/visible_text.hpp"

namespace pintle::cli {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string aligned(const Rows& rows) {
    std::size_t width = 0;
    for (const auto& [left, right] : rows) width = std::max(width, display_width(left));
    std::string out;
    for (const auto& [left, right] : rows) {
        out += "  " + left + std::string(width - display_width(left) + 2, ' ') + right + "\n";
    }
    return out;
}

std::string option_words(const Option& option) {
    std::string words = option.letter == 0 ? "    " : fmt::format("-{}, ", option.letter);
    words += "--" + option.name;
    if (option.stands_alone) return fmt::format("{}[={}]", words, option.value);
    return option.value.empty() ? words : words + " " + option.value;
}

Rows option_rows(const std::vector<Option>& options) {
    Rows rows;
    for (const Option& option : options) rows.emplace_back(option_words(option), option.help);
    return rows;
}

Rows command_rows(const std::vector<Command>& commands, const std::vector<std::string>& start) {
    Rows rows;
    for (const Command& command : commands) {
        const auto& words = command.spec.words;
        if (command.spec.hidden || words.size() < start.size() ||
            !std::equal(start.begin(), start.end(), words.begin()))
            continue;
        rows.emplace_back(command.spec.name(), command.spec.summary);
    }
    return rows;
}

}  // namespace

std::string usage_of(const CommandSpec& spec) {
    std::string usage = "pintle " + spec.name();
    for (const Positional& place : spec.positionals) {
        const std::string name = place.repeats ? place.name + "…" : place.name;
        usage += place.optional ? " [" + name + "]" : " " + name;
    }
    for (const Option& option : spec.options) {
        if (option.required) usage += fmt::format(" --{} {}", option.name, option.value);
    }
    const bool more =
        std::any_of(spec.options.begin(), spec.options.end(), [](const Option& o) { return !o.required; });
    if (more || spec.takes_rest) usage += " [OPTION…]";
    return usage;
}

std::string help_command(const CommandSpec& spec) {
    std::string out = fmt::format("{}\n\nUsage: {}\n", spec.summary, usage_of(spec));
    if (!spec.details.empty()) out += "\n" + spec.details + "\n";
    Rows rows;
    for (const Positional& place : spec.positionals) rows.emplace_back(place.name, place.help);
    if (!rows.empty()) out += "\n" + aligned(rows);
    if (!spec.options.empty()) out += "\nOptions:\n" + aligned(option_rows(spec.options));
    if (!spec.takes_rest) out += "\nOptions of every command:\n" + aligned(option_rows(global_options()));
    if (!spec.examples.empty()) out += spec.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
    for (const std::string& example : spec.examples) out += "  " + example + "\n";
    return out;
}

std::string help_group(const std::vector<Command>& commands, const std::vector<std::string>& words) {
    return fmt::format("Usage: pintle {} COMMAND\n\n{}\npintle {} COMMAND --help tells more.\n", join(words, " "),
                       aligned(command_rows(commands, words)), join(words, " "));
}

std::string help_overview(const std::vector<Command>& commands) {
    return "Pintle runs machine-learning projects: tasks of replicated programs, as jobs.\n\n"
           "Usage: pintle COMMAND\n\n" +
           aligned(command_rows(commands, {})) + "\nOptions of every command:\n" +
           aligned(option_rows(global_options())) +
           "\nA JOB is PROJECT/TASK:BUILD, such as digits/train:3, or an id. pintle COMMAND --help tells more.\n"
           "\nExample:\n  pintle run digits/train --follow\n";
}

}  // namespace pintle::cli
