#include "cli/cli.hpp"

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/help.hpp"

namespace pintle::cli {
namespace {

/// What a shell would report had SIGPIPE ended us: the reader went away, which is its right.
constexpr int kReaderGone = 141;

std::vector<CommandSpec> specs_of(const std::vector<Command>& commands) {
    std::vector<CommandSpec> specs;
    for (const Command& command : commands) specs.push_back(command.spec);
    return specs;
}

std::vector<Command> with_extra(std::vector<Command> commands, const std::vector<ExtraCommand>& extra) {
    for (const ExtraCommand& more : extra) {
        commands.push_back({more.spec, [&more](Context& context) -> Result<int> { return more.run(context.args); }});
    }
    return commands;
}

Format format_of(const std::string& name) {
    if (name == "wide") return Format::kWide;
    if (name == "json") return Format::kJson;
    return name == "yaml" ? Format::kYaml : Format::kTable;
}

bool wants_color(const Arguments& args, const CliDeps& deps) {
    return deps.out_is_terminal && !args.has("no-color") && deps.env("NO_COLOR").value_or("").empty() &&
           deps.env("TERM").value_or("") != "dumb";
}

int print_error(Terminal& term, const Error& error) {
    term.error_line(term.shown_as_error(describe(error)));
    return exit_code(error.code);
}

int print_help(const std::vector<Command>& commands, const CommandLine& line, Terminal& term) {
    if (line.command != CommandLine::kNone)
        term.write(help_command(commands[line.command].spec));
    else if (!line.words.empty())
        term.write(help_group(commands, line.words));
    else
        term.write(help_overview(commands));
    return 0;
}

int end_of_output(Terminal& term, int code) {
    if (term.broken() == 0) return code;
    if (term.broken() == EPIPE) return kReaderGone;
    term.error_line(fmt::format("could not write the output: {}", std::strerror(term.broken())));
    return exit_code(ErrorCode::kExhausted);
}

}  // namespace

int run_cli(const std::vector<std::string>& argv, const CliDeps& deps) {
    const std::vector<Command> commands = with_extra(all_commands(), deps.extra);
    const auto line = parse_command_line(specs_of(commands), global_options(), argv);
    Terminal term(deps, wants_color(line ? line->arguments : Arguments(), deps));
    if (!line) return print_error(term, line.error());
    if (line->help) return end_of_output(term, print_help(commands, *line, term));
    if (line->command == CommandLine::kNone) {
        term.error_line(line->words.empty() ? "which command? see: pintle --help" : help_group(commands, line->words));
        return exit_code(ErrorCode::kInvalid);
    }
    const Arguments& args = line->arguments;
    const ServerWish wish{args.get("url"), args.get("token")};
    ApiClient api(wish, deps.env);
    Context context{deps, args, commands, term, api, wish, format_of(args.get("format")), args.has("quiet")};
    const auto code = commands[line->command].run(context);
    term.end_progress();
    return end_of_output(term, code ? *code : print_error(term, code.error()));
}

}  // namespace pintle::cli
