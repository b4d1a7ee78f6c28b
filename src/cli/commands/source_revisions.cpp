#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void add(Context& context, Table& table, const json::Value& named, std::string_view kind, const std::string& head) {
    constexpr std::size_t kShort = 12;
    for (const json::Value& each : named.as_array()) {
        const std::string name = text_of(each, "name"), commit = text_of(each, "commit");
        const bool is_head = kind == "branch" && name == head;
        table.add({name, std::string(kind) + (is_head ? ", HEAD" : ""),
                   context.wide() ? commit : commit.substr(0, kShort)});
    }
}

void print(Context& context, const json::Value& answer) {
    if (answer["branches"].size() + answer["tags"].size() == 0)
        return context.term.line("no branches and no tags; its commits can still be named");
    Table table({{"revision", false, false, true}, {"is"}, {"commit"}});
    add(context, table, answer["branches"], "branch", text_of(answer, "head"));
    add(context, table, answer["tags"], "tag", "");
    table.print(context.term);
    if (answer["cut"] == json::Value(true)) context.term.line("There are more, which can be named too.");
}

Result<int> run(Context& context) {
    json::Value question = json::Value::object({{"repository", context.args.get("REPOSITORY")}});
    if (context.args.has("account")) question.set("account", context.args.get("account"));
    const json::Value answer = TRY(context.api.send_json("POST", "/repositories/revisions", question));
    return show(context, answer, [&] { print(context, answer); });
}

}  // namespace

Command source_revisions_command() {
    return {{.words = {"source", "revisions"},
             .summary = "List the branches and tags of a git repository",
             .details = "Whether it can be reached is seen at once, and whether the account opens it.",
             .positionals = {{.name = "REPOSITORY", .help = "its URL, or that of one of its folders"}},
             .options = {{.name = "account",
                          .value = "NAME",
                          .help = "the account that may read it; without it, a public one",
                          .offer = Offer::kAccount}},
             .examples = {"pintle source revisions https://example.org/team/digits",
                          "pintle source revisions git@example.org:team/digits.git --account deploy"}},
            run};
}

}  // namespace pintle::cli
