#include "cli/completion.hpp"

#include <algorithm>

namespace pintle::cli {
namespace {

constexpr std::string_view kBash = R"(# Completion of pintle for bash. Use it with:  source <(pintle completion bash)
_pintle() {
    local line="${COMP_LINE:0:COMP_POINT}" cur="" word help
    local -a words
    read -ra words <<< "$line"
    case "$line" in *[[:space:]]) words+=("") ;; esac
    cur="${words[${#words[@]}-1]}"
    COMPREPLY=()
    # bash takes ":" and "=" for ends of words, so it wants only what comes behind the last of them.
    local before="${cur%"${cur##*[:=]}"}"
    while IFS=$'\t' read -r word help; do
        if [ "$word" = ":files" ]; then
            local path="${cur#"$before"}" file
            while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$path")
            compopt -o filenames 2>/dev/null
        else
            COMPREPLY+=("${word#"$before"}")
        fi
    done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _pintle pintle
)";

constexpr std::string_view kZsh = R"(#compdef pintle
# Completion of pintle for zsh. Put it into a file named _pintle on your fpath, or:  source <(pintle completion zsh)
_pintle() {
    local word help files=0
    local -a found shown
    while IFS=$'\t' read -r word help; do
        if [[ "$word" == ":files" ]]; then
            files=1
        else
            found+=("$word")
            shown+=("$word${help:+  $help}")
        fi
    done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#found} )) && compadd -l -d shown -a found
    (( files )) && _files
}
compdef _pintle pintle
)";

constexpr std::string_view kFish = R"(# Completion of pintle for fish. Use it with:  pintle completion fish | source
function __pintle_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c pintle -f -a '(__pintle_complete)'
)";

const Option* option_named(const std::vector<Option>& options, std::string_view word) {
    for (const Option& option : options) {
        if (word == "--" + option.name) return &option;
        if (option.letter != 0 && word == std::string("-") + option.letter) return &option;
    }
    return nullptr;
}

/// Where the typing takes place, found by walking over what is before it.
struct Position {
    const CommandSpec* spec = nullptr;
    std::vector<std::string> words;
    std::vector<std::string> positional;
    const Option* waiting = nullptr;  ///< An option whose value comes next.
    bool only_positionals = false;
    bool lost = false;  ///< A word that no command has.
};

/// Whether "queue", which is a command, becomes "queue move".
bool goes_on(const std::vector<CommandSpec>& commands, const Position& at, const std::string& word) {
    if (!at.spec->positionals.empty() || at.only_positionals) return false;
    const auto next = next_words(commands, at.words);
    return std::find(next.begin(), next.end(), word) != next.end();
}

Position walk(const std::vector<CommandSpec>& commands, const std::vector<Option>& globals,
              const std::vector<std::string>& words) {
    Position at;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string& word = words[i];
        if (at.waiting != nullptr) {
            at.waiting = nullptr;
        } else if (word == "--") {
            at.only_positionals = true;
        } else if (!at.only_positionals && word.size() > 1 && word.starts_with('-')) {
            const Option* option = at.spec == nullptr ? nullptr : option_named(at.spec->options, word);
            if (option == nullptr) option = option_named(globals, word);
            if (option != nullptr && !option->value.empty() && !option->stands_alone) at.waiting = option;
        } else if (at.spec != nullptr && !goes_on(commands, at, word)) {
            at.positional.push_back(word);
        } else if (word != "help" || !at.words.empty()) {
            const auto next = next_words(commands, at.words);
            at.lost = at.lost || std::find(next.begin(), next.end(), word) == next.end();
            at.words.push_back(word);
            at.spec = nullptr;
            const auto same = std::find_if(commands.begin(), commands.end(),
                                           [&](const CommandSpec& c) { return c.words == at.words; });
            if (same != commands.end()) at.spec = &*same;
        }
    }
    return at;
}

class Collect {
public:
    explicit Collect(Completion& out) : out_(out) {}
    void add(const std::string& word, const std::string& help) {
        if (word.starts_with(out_.prefix)) out_.words.push_back({word, help});
    }
    void add_options(const std::vector<Option>& options) {
        for (const Option& option : options) add("--" + option.name, option.help);
    }
    void add_value(const std::vector<std::string>& choices, Offer offer) {
        for (const std::string& choice : choices) add(choice, "");
        out_.offer = offer;
    }

private:
    Completion& out_;
};

std::string help_of_word(const std::vector<CommandSpec>& commands, std::vector<std::string> words,
                         const std::string& word) {
    words.push_back(word);
    for (const CommandSpec& command : commands) {
        if (command.words == words) return command.summary;
    }
    return "";
}

}  // namespace

Completion complete(const std::vector<CommandSpec>& commands, const std::vector<Option>& globals,
                    const std::vector<std::string>& words) {
    Completion out;
    if (words.empty()) return out;
    const Position at = walk(commands, globals, words);
    out.prefix = words.back();
    out.positional = at.positional;
    if (at.lost) return out;
    Collect collect(out);
    if (at.waiting != nullptr) {
        collect.add_value(at.waiting->choices, at.waiting->offer);
    } else if (!at.only_positionals && out.prefix.starts_with('-')) {
        if (at.spec != nullptr) collect.add_options(at.spec->options);
        collect.add_options(globals);
        collect.add("--help", "");
    } else if (at.spec == nullptr || at.spec->positionals.empty()) {
        for (const std::string& word : next_words(commands, at.words))
            collect.add(word, help_of_word(commands, at.words, word));
    } else {
        const auto& places = at.spec->positionals;
        const std::size_t index = std::min(at.positional.size(), places.size() - 1);
        if (at.positional.size() < places.size() || places.back().repeats)
            collect.add_value(places[index].choices, places[index].offer);
    }
    return out;
}

std::string completion_script(std::string_view shell) {
    if (shell == "zsh") return std::string(kZsh);
    if (shell == "fish") return std::string(kFish);
    return std::string(kBash);
}

}  // namespace pintle::cli
