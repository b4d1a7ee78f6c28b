#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/template_choice.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

std::string value_in_words(const json::Value& value) {
    return value.is_null() ? "" : value.scalar_text().value_or(json::to_json(value));
}

std::string kind_in_words(const json::Value& entry) {
    std::string words = text_of(entry, "kind");
    if (words != "select" || !entry["options"].is_array()) return words;
    std::string options;
    for (const json::Value& option : entry["options"].as_array())
        options += (options.empty() ? "" : ", ") + value_in_words(option["value"]);
    return words + ": " + options;
}

void print(Context& context, const TemplateChoice& choice, const json::Value& shown) {
    Terminal& term = context.term;
    term.line(term.styled(Style::kBold,
                          term.plain(fmt::format("{}  {}", text_of(shown, "title"), text_of(shown, "version")))));
    for (const char* field : {"description", "home"}) {
        if (const std::string text = text_of(shown, field); !text.empty()) term.line(term.plain(text));
    }
    if (shown["keywords"].size() > 0) term.line(term.plain("keywords: " + list_of(shown["keywords"])));
    if (shown["wizard"].size() > 0) {
        term.line();
        Table table({{"value"}, {"kind", false, true}, {"default", false, true}, {"required"}, {"about", false, true}});
        for (const json::Value& entry : shown["wizard"].as_array()) {
            const bool required = entry["required"].is_bool() && entry["required"].as_bool();
            table.add({text_of(entry, "key"), kind_in_words(entry), value_in_words(entry["value"]),
                       required ? "yes" : "", text_of(entry, "name")});
        }
        table.print(term);
    }
    if (const std::string readme = text_of(shown, "readme"); !readme.empty()) {
        term.line();
        term.line(term.shown(readme));
    }
    if (shown["sound"].is_bool() && shown["sound"].as_bool()) {
        term.line();
        return term.line(
            term.plain(fmt::format("install it: pintle catalog install {} --name PROJECT", choice.words())));
    }
    term.error_line("this template is broken and makes no projects:");
    print_template_faults(context, shown["faults"]);
}

Result<int> run(Context& context) {
    const TemplateChoice choice = TRY(chosen_template(context));
    const json::Value shown = TRY(context.api.get(choice.path()));
    if (context.args.has("values-file")) {
        context.term.write(context.term.shown(text_of(shown, "values")));
        return 0;
    }
    return show(context, shown, choice.words(), [&] { print(context, choice, shown); });
}

}  // namespace

Command catalog_show_command() {
    return {{.words = {"catalog", "show"},
             .summary = "Show a template: what it is about and which values it asks for",
             .positionals = {template_argument()},
             .options = {{.name = "values-file",
                          .help = "print its values.yaml, to be edited and given back with --values"}},
             .examples = {"pintle catalog show digits", "pintle catalog show digits --values-file > values.yaml"}},
            run};
}

}  // namespace pintle::cli
