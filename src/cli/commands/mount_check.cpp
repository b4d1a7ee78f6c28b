#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<std::vector<std::string>> sources_to_check(Context& context) {
    if (context.args.has("SOURCE")) return std::vector{context.args.get("SOURCE")};
    std::vector<std::string> names;
    const auto page = TRY(context.api.whole_list(project_path(context) + "/sources"));
    for (const json::Value& source : page.items.as_array()) names.push_back(text_of(source, "name"));
    return names;
}

void print(Context& context, const json::Value& checked) {
    Terminal& term = context.term;
    const bool is_well = checked["ok"] == json::Value(true);
    const std::string word = is_well ? "ok      " : "failed  ";
    const std::string said = text_of(checked, "message");
    term.line(term.styled(is_well ? Style::kGood : Style::kBad, word) +
              term.plain(is_well ? text_of(checked, "source") + ": " + said : said));
}

Result<int> run(Context& context) {
    json::Value all{json::Array{}};
    bool is_well = true;
    for (const std::string& name : TRY(sources_to_check(context))) {
        json::Value checked = TRY(context.api.send_json(
            "POST", project_path(context) + "/sources/" + segment(name) + "/check", json::Value::object()));
        is_well = is_well && checked["ok"] == json::Value(true);
        all.push(std::move(checked));
    }
    const int shown = show(context, all, [&] {
        if (all.size() == 0) context.term.line("no sources; add one with: pintle source add PROJECT NAME");
        for (const json::Value& checked : all.as_array()) print(context, checked);
    });
    return is_well ? shown : 1;
}

}  // namespace

Command mount_check_command() {
    return {{.words = {"mount-check"},
             .summary = "Try now whether the sources of a project can be mounted, and say what is wrong",
             .positionals = {project_argument(),
                             {.name = "SOURCE", .help = "only this one", .offer = Offer::kSource, .optional = true}},
             .examples = {"pintle mount-check digits", "pintle mount-check digits results"}},
            run};
}

}  // namespace pintle::cli
