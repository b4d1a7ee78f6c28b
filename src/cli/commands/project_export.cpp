#include "cli/commands/commands.hpp"
#include "os/file.hpp"

namespace pintle::cli {

Command project_export_command() {
    return {{.words = {"project", "export"},
             .summary = "Print the file that creates the same project elsewhere",
             .positionals = {project_argument()},
             .options = {{.name = "output", .value = "FILE", .help = "write it there instead", .offer = Offer::kFile}},
             .examples = {"pintle project export digits > pintle.yaml",
                          "pintle project export digits -o json --output digits.json"}},
            [](Context& context) -> Result<int> {
                const std::string format = context.format == Format::kJson ? "json" : "yaml";
                const std::string text =
                    TRY(context.api.text({.path = project_path(context) + "/document?format=" + format}));
                if (!context.args.has("output")) {
                    context.term.write(text);
                    return 0;
                }
                TRY(os::write_file_atomic(context.args.get("output"), text));
                if (!context.quiet) context.term.line(context.term.plain("written to " + context.args.get("output")));
                return 0;
            }};
}

}  // namespace pintle::cli
