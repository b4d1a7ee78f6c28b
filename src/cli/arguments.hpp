#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace pintle::cli {

/// The command line as a grammar of data: every command declares its words, options and examples once, and parsing,
/// help and completion are read off that.
///
/// Threading: plain values and pure functions. Ownership: a CommandLine owns its content.
/// Failure: kInvalid in a sentence that names what was written and, where one is near, what was probably meant.

/// What completion offers for a value.
enum class Offer {
    kNothing,
    kFile,
    kProject,
    kTask,
    kJob,
    kProjectOrJob,
    kSource,
    kUser,
    kGroup,
    kPool,
    kNode,
    kDevice,
    kAccount,
    kTemplate,
    kStorage
};

struct Option {
    std::string name;   ///< Without dashes: "file".
    char letter = 0;    ///< 'f' for -f; 0 for none.
    std::string value;  ///< "FILE"; empty for a switch.
    std::string help;
    Offer offer = Offer::kNothing;
    std::vector<std::string> choices = {};
    std::optional<std::pair<std::int64_t, std::int64_t>> range = {};  ///< Then the value is a whole number.
    bool repeats = false;
    bool required = false;
    bool stands_alone = false;  ///< Its value is written as --name=VALUE, or left out.
};

struct Positional {
    std::string name;  ///< "PROJECT"
    std::string help;
    Offer offer = Offer::kNothing;
    bool optional = false;
    bool repeats = false;  ///< Takes all that is left; the last one only.
    std::vector<std::string> choices = {};
};

struct CommandSpec {
    /// {"project", "create"}; the beginning of another command's words only where this one has no positionals.
    std::vector<std::string> words;
    std::string summary;             ///< One line without a full stop.
    std::string details = {};        ///< Further lines of --help.
    std::vector<Positional> positionals = {};
    std::vector<Option> options = {};
    std::vector<std::string> examples = {};  ///< At least one, as typed.
    bool hidden = false;
    bool takes_rest = false;  ///< Everything after the words is handed on as it is, options too, under the name "REST".

    [[nodiscard]] std::string name() const;  ///< "project create"
};

/// What the user gave. Names that the command does not declare are simply absent.
class Arguments {
public:
    [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) > 0; }
    /// The value, or the last of several, or nothing as an empty text.
    [[nodiscard]] std::string get(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> all(const std::string& name) const;
    /// Of an option with a range, already checked.
    [[nodiscard]] std::optional<std::int64_t> number(const std::string& name) const;
    void add(const std::string& name, std::string value) { values_[name].push_back(std::move(value)); }

private:
    std::map<std::string, std::vector<std::string>> values_;
};

struct CommandLine {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t command = kNone;     ///< Into the table; kNone when only a group, or nothing, was named.
    std::vector<std::string> words;  ///< The words that were recognised: {"project"}.
    bool help = false;               ///< --help, "help", or nothing at all.
    Arguments arguments;
};

/// `words` are the arguments without the program's name. Options in `globals` may stand anywhere; those of a command
/// after its words.
[[nodiscard]] Result<CommandLine> parse_command_line(const std::vector<CommandSpec>& commands,
                                                     const std::vector<Option>& globals,
                                                     const std::vector<std::string>& words);

/// The words that may follow `words` in the table, each once, in the table's order, hidden ones left out.
[[nodiscard]] std::vector<std::string> next_words(const std::vector<CommandSpec>& commands,
                                                  const std::vector<std::string>& words);

}  // namespace pintle::cli
