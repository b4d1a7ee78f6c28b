#include "cli/arguments.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::cli {
namespace {

bool begins_with(const std::vector<std::string>& words, const std::vector<std::string>& start) {
    return start.size() <= words.size() && std::equal(start.begin(), start.end(), words.begin());
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, std::string_view dashes) {
    const auto near = nearest(word, candidates);
    return near ? fmt::format("; did you mean \"{}{}\"?", dashes, *near) : "";
}

const Option* find_option(const std::vector<Option>& options, std::string_view name) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
    return found == options.end() ? nullptr : &*found;
}

const Option* find_letter(const std::vector<Option>& options, char letter) {
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.letter == letter; });
    return found == options.end() ? nullptr : &*found;
}

/// One pass over the words; what is known so far is in `line_`.
class Parse {
public:
    Parse(const std::vector<CommandSpec>& commands, const std::vector<Option>& globals,
          const std::vector<std::string>& words)
        : commands_(commands), globals_(globals), words_(words) {}

    Result<CommandLine> run() {
        for (at_ = 0; at_ < words_.size(); ++at_) TRY(take(words_[at_]));
        if (words_.empty()) line_.help = true;
        if (!line_.help && spec() != nullptr && !spec()->takes_rest) TRY(finish());
        return std::move(line_);
    }

private:
    [[nodiscard]] const CommandSpec* spec() const {
        return line_.command == CommandLine::kNone ? nullptr : &commands_[line_.command];
    }

    Result<void> take(const std::string& word) {
        if (spec() != nullptr && spec()->takes_rest) {
            line_.arguments.add("REST", word);
        } else if (only_positionals_ || word == "-" || !word.starts_with('-')) {
            return spec() == nullptr || goes_on(word) ? take_command_word(word) : take_positional(word);
        } else if (word == "--") {
            only_positionals_ = true;
        } else if (word == "--help" || word == "-h") {
            line_.help = true;
        } else {
            return word.starts_with("--") ? take_long(word.substr(2)) : take_letters(word.substr(1));
        }
        return {};
    }

    /// Whether "queue", which is a command, becomes "queue move".
    [[nodiscard]] bool goes_on(const std::string& word) const {
        if (only_positionals_ || !spec()->positionals.empty() || !positionals_.empty()) return false;
        const auto next = next_words(commands_, line_.words);
        return std::find(next.begin(), next.end(), word) != next.end();
    }

    Result<void> take_command_word(const std::string& word) {
        if (word == "help" && line_.words.empty() && !line_.help) {
            line_.help = true;
            return {};
        }
        std::vector<std::string> longer = line_.words;
        longer.push_back(word);
        bool known = false;
        line_.command = CommandLine::kNone;
        for (std::size_t i = 0; i < commands_.size(); ++i) {
            if (!begins_with(commands_[i].words, longer)) continue;
            known = true;
            if (commands_[i].words.size() == longer.size()) line_.command = i;
        }
        if (!known) {
            const std::string full = line_.words.empty() ? word : join(line_.words, " ") + " " + word;
            return fail(ErrorCode::kInvalid, "unknown command \"{}\"{}", full,
                        did_you_mean(word, next_words(commands_, line_.words),
                                     line_.words.empty() ? "" : join(line_.words, " ") + " "));
        }
        line_.words = std::move(longer);
        return {};
    }

    Result<void> take_positional(const std::string& word) {
        positionals_.push_back(word);
        return {};
    }

    [[nodiscard]] const Option* known_option(std::string_view name) const {
        const Option* own = spec() == nullptr ? nullptr : find_option(spec()->options, name);
        return own != nullptr ? own : find_option(globals_, name);
    }

    Result<void> take_long(const std::string& text) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        const Option* option = known_option(name);
        if (option == nullptr) return unknown_option(name);
        if (option->value.empty()) {
            if (equals != std::string::npos) return wrong("--{} takes no value", name);
            return set(*option, "");
        }
        if (equals != std::string::npos) return set(*option, text.substr(equals + 1));
        if (option->stands_alone) return set(*option, "");
        return set(*option, TRY(next_value(*option)));
    }

    Result<void> take_letters(const std::string& letters) {
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const Option* option = spec() == nullptr ? nullptr : find_letter(spec()->options, letters[i]);
            if (option == nullptr) option = find_letter(globals_, letters[i]);
            if (option == nullptr && letters[i] == 'h') {
                line_.help = true;
                continue;
            }
            if (option == nullptr) return wrong("unknown option -{}", to_valid_utf8(letters.substr(i, 1)));
            if (option->value.empty()) {
                TRY(set(*option, ""));
                continue;
            }
            const std::string attached = letters.substr(i + 1);
            return set(*option, attached.empty() ? TRY(next_value(*option)) : attached);
        }
        return {};
    }

    Result<std::string> next_value(const Option& option) {
        if (at_ + 1 >= words_.size()) return wrong("--{} needs a value: {}", option.name, option.value);
        const std::string& value = words_[at_ + 1];
        // Most likely the value was forgotten; one that does begin so can be written with "=".
        if (value.size() > 1 && value.starts_with('-')) {
            return wrong("--{} needs a value, and \"{}\" looks like an option; if it is the value, write --{}={}",
                         option.name, value, option.name, value);
        }
        ++at_;
        return value;
    }

    Result<void> set(const Option& option, std::string value) {
        if (line_.arguments.has(option.name) && !option.repeats && !option.value.empty()) {
            return wrong("--{} is given twice", option.name);
        }
        if (option.range) TRY(check_range(option, value));
        if (!option.choices.empty()) TRY(check_choice("--" + option.name, option.choices, value));
        line_.arguments.add(option.name, std::move(value));
        return {};
    }

    Result<void> check_range(const Option& option, const std::string& value) {
        const auto number = parse_int(value);
        const auto [least, most] = *option.range;
        if (number && *number >= least && *number <= most) return {};
        return wrong("--{}: expected a whole number from {} to {}, got \"{}\"", option.name, least, most, value);
    }

    Result<void> check_choice(const std::string& what, const std::vector<std::string>& choices,
                              const std::string& value) {
        if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
        return wrong("{}: expected one of {}, got \"{}\"", what, join(choices, ", "), value);
    }

    Result<void> finish() {
        const auto& places = spec()->positionals;
        std::size_t used = 0;
        for (const Positional& place : places) {
            if (used == positionals_.size() && !place.optional) return wrong("{} is missing", place.name);
            while (used < positionals_.size()) {
                if (!place.choices.empty()) TRY(check_choice(place.name, place.choices, positionals_[used]));
                line_.arguments.add(place.name, positionals_[used++]);
                if (!place.repeats) break;
            }
        }
        if (used < positionals_.size()) return wrong("unexpected \"{}\"", positionals_[used]);
        for (const Option& option : spec()->options) {
            if (!option.required || line_.arguments.has(option.name)) continue;
            return wrong("--{} {} is missing", option.name, option.value);
        }
        return {};
    }

    tl::unexpected<Error> unknown_option(const std::string& name) const {
        std::vector<std::string> names{"help"};
        for (const Option& option : globals_) names.push_back(option.name);
        if (spec() != nullptr) {
            for (const Option& option : spec()->options) names.push_back(option.name);
        }
        return wrong("unknown option \"--{}\"{}", name, did_you_mean(name, names, "--"));
    }

    template <class... Args>
    tl::unexpected<Error> wrong(fmt::format_string<Args...> text, Args&&... args) const {
        const std::string words = line_.words.empty() ? "" : join(line_.words, " ") + " ";
        return fail(ErrorCode::kInvalid, "{}\nsee: pintle {}--help", fmt::format(text, std::forward<Args>(args)...),
                    words);
    }

    const std::vector<CommandSpec>& commands_;
    const std::vector<Option>& globals_;
    const std::vector<std::string>& words_;
    std::size_t at_ = 0;
    bool only_positionals_ = false;
    std::vector<std::string> positionals_;
    CommandLine line_;
};

}  // namespace

std::string CommandSpec::name() const { return join(words, " "); }

std::string Arguments::get(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second.back();
}

std::vector<std::string> Arguments::all(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<std::int64_t> Arguments::number(const std::string& name) const {
    return has(name) ? parse_int(get(name)) : std::nullopt;
}

Result<CommandLine> parse_command_line(const std::vector<CommandSpec>& commands, const std::vector<Option>& globals,
                                       const std::vector<std::string>& words) {
    return Parse(commands, globals, words).run();
}

std::vector<std::string> next_words(const std::vector<CommandSpec>& commands, const std::vector<std::string>& words) {
    std::vector<std::string> next;
    for (const CommandSpec& command : commands) {
        if (command.hidden || command.words.size() <= words.size() || !begins_with(command.words, words)) continue;
        const std::string& word = command.words[words.size()];
        if (std::find(next.begin(), next.end(), word) == next.end()) next.push_back(word);
    }
    return next;
}

}  // namespace pintle::cli
