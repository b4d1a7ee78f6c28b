#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/editor.hpp"
#include "cli/words.hpp"
#include "json/yaml_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

// Both documents in one text: what an editor opens, and what is read back.
std::string as_text(const json::Value& form) {
    const std::string text = form["template"].is_string() ? form["template"].as_string() : "";
    return json::to_yaml(json::Value::object({{"form", form["fields"]}, {"template", text}}));
}

Result<json::Value> send(Context& context, const json::Value& body) {
    return context.api.send_json("PUT", project_path(context) + "/form", body);
}

Result<json::Value> read_back(const std::string& path) {
    const json::Value read = TRY(json::parse_yaml(TRY(os::read_file(path))));
    if (!read.is_object()) return fail(ErrorCode::kInvalid, "the text has two parts, `form` and `template`");
    return json::Value::object({{"form", read["form"].is_null() ? json::Value::array() : read["form"]},
                                {"template", read["template"].is_string() ? read["template"] : json::Value("")}});
}

int saved(Context& context, const json::Value& form) {
    return show(context, form, [&] {
        context.term.line(context.term.plain(fmt::format("saved the form of {}", context.args.get("PROJECT"))));
    });
}

Result<int> from_files(Context& context) {
    json::Value body = json::Value::object();
    if (context.args.has("form")) body.set("form", TRY(os::read_file(context.args.get("form"))));
    if (context.args.has("template")) body.set("template", TRY(os::read_file(context.args.get("template"))));
    return saved(context, TRY(send(context, body)));
}

Result<int> run(Context& context) {
    if (context.args.has("form") || context.args.has("template")) return from_files(context);
    const std::string before = as_text(TRY(context.api.get(project_path(context) + "/form")));
    EditedFile file = TRY(EditedFile::create(context.deps, before));
    while (true) {
        TRY(let_edit(context.deps, file.path()));
        if (TRY(os::read_file(file.path())) == before) {
            if (!context.quiet) context.term.line("nothing was changed");
            return 0;
        }
        const auto body = read_back(file.path());
        const auto form = body ? send(context, *body) : body;
        if (form) return saved(context, *form);
        const bool goes_on = form.error().code == ErrorCode::kInvalid && context.deps.in_is_terminal;
        if (goes_on) context.term.error_line(context.term.shown_as_error(describe(form.error())));
        if (goes_on && wants_to_go_on(context)) continue;
        file.keep();
        context.term.error_line("your text is kept in " + file.path());
        return fail(form.error());
    }
}

}  // namespace

Command form_edit_command() {
    return {{.words = {"form", "edit"},
             .summary = "Edit a project's simple form and its execution template in $VISUAL or $EDITOR",
             .details = "With --form or --template from files, without an editor.",
             .positionals = {project_argument()},
             .options = {{.name = "form",
                          .value = "FILE",
                          .help = "take the fields from this file of YAML",
                          .offer = Offer::kFile},
                         {.name = "template",
                          .value = "FILE",
                          .help = "take the execution template from this file",
                          .offer = Offer::kFile}},
             .examples = {"EDITOR=nano pintle form edit digits",
                          "pintle form edit digits --form form.yaml --template task.yaml"}},
            run};
}

}  // namespace pintle::cli
