#include "cli/commands/commands.hpp"
#include "cli/template_choice.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const TemplateChoice choice = TRY(chosen_template(context));
    json::Value body = TRY(template_request(context));
    if (!body.has("name")) body.set("name", choice.name);
    const json::Value answer = TRY(context.api.send_json("POST", choice.path() + "/install", body, true));
    const json::Value& project = answer["project"];
    const std::string name = text_of(project, "name");
    if (!context.structured()) print_faults(context.term, choice.words(), faults_in(answer["warnings"]), "warning: ");
    return show(context, answer, name, [&] {
        Terminal& term = context.term;
        term.line(term.plain(fmt::format("made the project {} of {}", name, choice.words())));
        const json::Value& document = project["document"];
        const std::string task = text_of(document["tasks"][std::size_t{0}], "name");
        if (!task.empty()) term.line(term.plain(fmt::format("next: pintle run {}/{} --follow", name, task)));
        if (document["form"].size() > 0)
            term.line(term.plain(fmt::format("or fill in its form: pintle form show {}", name)));
    });
}

}  // namespace

Command catalog_install_command() {
    return {{.words = {"catalog", "install"},
             .summary = "Make a project of a template",
             .details = "The files that the template brings are put into the project's sources. Values that are not "
                        "given have their\n"
                        "defaults.",
             .positionals = {template_argument()},
             .options = template_options(),
             .examples = {"pintle catalog install digits",
                          "pintle catalog install team/speech --name speech-2 --set src.revision=v1",
                          "pintle catalog install digits --values values.yaml"}},
            run};
}

}  // namespace pintle::cli
