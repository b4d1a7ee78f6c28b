#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

std::string default_in_words(const json::Value& field) {
    const json::Value& value = field["value"];
    if (value.is_null()) return "";
    const auto text = value.scalar_text();
    return text ? *text : json::to_json(value);
}

std::string type_in_words(const json::Value& field) {
    const std::string type = text_of(field, "type");
    const std::string of =
        text_of(field, "list_type").empty() ? text_of(field, "listType") : text_of(field, "list_type");
    return of.empty() ? type : type + " of " + of;
}

void add_fields(Table& table, const json::Value& fields) {
    if (!fields.is_array()) return;
    for (const json::Value& field : fields.as_array()) {
        if (text_of(field, "type") == "group") {
            add_fields(table, field["elements"]);
            continue;
        }
        const bool required = field["required"].is_bool() && field["required"].as_bool();
        table.add({text_of(field, "name"), type_in_words(field), default_in_words(field), required ? "yes" : "",
                   text_of(field, "label")});
    }
}

Result<int> run(Context& context) {
    const json::Value form = TRY(context.api.get(project_path(context) + "/form"));
    if (context.args.has("schema"))
        return show(context, TRY(context.api.get(project_path(context) + "/form/schema")), [&] {});
    return show(context, form, [&] {
        Terminal& term = context.term;
        if (form["fields"].size() == 0) {
            term.line(term.plain(fmt::format("{} has no form; give it one: pintle form edit {}",
                                             context.args.get("PROJECT"), context.args.get("PROJECT"))));
            return;
        }
        Table table({{"NAME"}, {"TYPE"}, {"DEFAULT", false, true}, {"REQUIRED"}, {"LABEL", false, true}});
        add_fields(table, form["fields"]);
        table.print(term);
        term.line("");
        term.line(
            term.plain(fmt::format("fill it in: pintle form build {} --set NAME=VALUE", context.args.get("PROJECT"))));
    });
}

}  // namespace

Command form_show_command() {
    return {{.words = {"form", "show"},
             .summary = "Show the fields of a project's simple form",
             .details = "With -o json or yaml the whole form and its execution template.",
             .positionals = {project_argument()},
             .options = {{.name = "schema", .help = "with -o: the values as a JSON Schema, for other programs"}},
             .examples = {"pintle form show digits", "pintle form show digits --schema -o json"}},
            run};
}

}  // namespace pintle::cli
