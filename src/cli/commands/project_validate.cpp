#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const std::string path = context.args.has("file") ? context.args.get("file") : "pintle.yaml";
    const ProjectFile file = TRY(read_project_file(path, "", context.deps));
    const std::string project = context.args.get("project");
    const std::string query = project.empty() ? "" : "?project=" + segment(project);
    const json::Value answer = TRY(context.api.call({.method = "POST",
                                                     .path = "/projects/validate" + query,
                                                     .body = file.body,
                                                     .content_type = file.content_type}));
    const bool valid = answer["valid"].is_bool() && answer["valid"].as_bool();
    if (!context.structured()) {
        print_faults(context.term, file.name, faults_in(answer["faults"]));
        print_faults(context.term, file.name, faults_in(answer["warnings"]), "warning: ");
    }
    static_cast<void>(show(context, answer, valid ? "valid" : "not valid", [&] {
        if (valid) context.term.line(context.term.plain(file.name + " is valid"));
    }));
    return valid ? 0 : exit_code(ErrorCode::kInvalid);
}

}  // namespace

Command project_validate_command() {
    return {{.words = {"project", "validate"},
             .summary = "Say what is wrong with a project's file, without making anything",
             .details = "Faults are shown as FILE:LINE:COLUMN, all at once; the exit code is 2 when there are any.\n"
                        "With --project it is checked as what that project is to become.",
             .options = {{.name = "file",
                          .letter = 'f',
                          .value = "FILE",
                          .help = "the project file (default: pintle.yaml); - is standard input",
                          .offer = Offer::kFile},
                         {.name = "project",
                          .value = "PROJECT",
                          .help = "the project that is to be replaced by it",
                          .offer = Offer::kProject}},
             .examples = {"pintle project validate", "pintle project validate -f new.yaml --project digits"}},
            run};
}

}  // namespace pintle::cli
