#include "cli/completion.hpp"
#include "cli/commands/commands.hpp"

namespace pintle::cli {

Command completion_command() {
    return {{.words = {"completion"},
             .summary = "Print the script that lets a shell complete commands and names",
             .positionals = {{.name = "SHELL", .help = "bash, zsh or fish", .choices = {"bash", "zsh", "fish"}}},
             .examples = {"source <(pintle completion bash)", "pintle completion fish | source"}},
            [](Context& context) -> Result<int> {
                context.term.write(completion_script(context.args.get("SHELL")));
                return 0;
            }};
}

}  // namespace pintle::cli
