#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/completion.hpp"
#include "fuzzing.hpp"

using namespace pintle;
using namespace pintle::cli;
using namespace pintle::fuzzing;

namespace {

std::vector<CommandSpec> specs_of_all() {
    std::vector<CommandSpec> specs;
    for (const Command& command : all_commands()) specs.push_back(command.spec);
    return specs;
}

const std::vector<CommandSpec>& specs() {
    static const std::vector<CommandSpec> kSpecs = specs_of_all();
    return kSpecs;
}

const std::vector<Option>& globals() {
    static const std::vector<Option> kGlobals = global_options();
    return kGlobals;
}

bool is_among(const std::vector<std::string>& choices, const std::string& value) {
    return std::find(choices.begin(), choices.end(), value) != choices.end();
}

void check_option(const Option& option, const Arguments& given) {
    const std::vector<std::string> values = given.all(option.name);
    require(!option.required || !values.empty(), "a required option is there", option.name);
    if (option.value.empty()) return;
    require(option.repeats || values.size() <= 1, "an option is given once", option.name);
    for (const std::string& value : values) {
        require(option.choices.empty() || is_among(option.choices, value), "a value is one of its choices", value);
        if (!option.range) continue;
        const auto number = parse_int(value);
        require(number && *number >= option.range->first && *number <= option.range->second, "a number is in its range", value);
    }
}

void check_positional(const Positional& place, const Arguments& given) {
    const std::vector<std::string> values = given.all(place.name);
    require(place.optional || !values.empty(), "a required argument is there", place.name);
    require(place.repeats || values.size() <= 1, "an argument is given once", place.name);
    for (const std::string& value : values) {
        require(place.choices.empty() || is_among(place.choices, value), "an argument is one of its choices", value);
    }
}

void check_line(const CommandLine& line, const std::vector<std::string>& words) {
    for (const std::string& word : line.words) require(is_among(words, word), "a recognised word was given", word);
    if (line.command == CommandLine::kNone) return;
    require(line.command < specs().size(), "a command is one of the table");
    const CommandSpec& spec = specs()[line.command];
    require(spec.words == line.words, "a command was named in full", spec.name());
    if (line.help || spec.takes_rest) return;
    for (const Option& option : spec.options) check_option(option, line.arguments);
    for (const Option& option : globals()) check_option(option, line.arguments);
    for (const Positional& place : spec.positionals) check_positional(place, line.arguments);
}

}  // namespace

// A word on each line. What is accepted obeys the table; what is not is told with the way to the help.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> words = split(as_text(data, size), '\n');
    const auto line = parse_command_line(specs(), globals(), words);
    if (line) {
        check_line(*line, words);
    } else {
        require(line.error().code == ErrorCode::kInvalid && !line.error().message.empty(), "a bad command line is told");
    }
    const Completion completion = complete(specs(), globals(), words);
    for (const Candidate& candidate : completion.words) require(!candidate.word.empty(), "completion offers words");
    (void)next_words(specs(), words);
    return 0;
}
