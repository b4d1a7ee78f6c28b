#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string owner_in_words(const json::Value& folder) {
    const std::string owner = text_of(folder, "owner"), name = text_of(folder, "name");
    if (owner == "everybody") return name.empty() ? "everybody: other files" : "everybody: /shared/" + name;
    const std::string group = text_of(folder["group"], "name");
    if (owner == "project") return group.empty() ? "project " + name : fmt::format("project {} of {}", name, group);
    if (owner == "group")
        return name.empty() ? fmt::format("group {}: other files", group) : fmt::format("group {}: /{}", group, name);
    return "nobody: " + text_of(folder, "folder");
}

std::string quota_in_words(const json::Value& row) {
    if (!row["quota_bytes"].is_int()) return row["quota_own"].is_bool() && row["quota_own"].as_bool() ? "none" : "";
    return bytes_in_words(int_of(row, "quota_bytes")) + (row["quota_own"].as_bool() ? "" : " (default)");
}

bool is_full(const json::Value& row) { return row["full"].is_bool() && row["full"].as_bool(); }

void add_row(Table& table, const Context& context, std::string whose, const json::Value& row) {
    const bool is_measured = row["measured_at"].is_string();
    table.add({std::move(whose),
               {is_measured ? used_in_words(row) : "not measured yet", is_full(row) ? Style::kBad : Style::kPlain},
               quota_in_words(row),
               is_full(row) ? "full" : "",
               is_measured ? text_of(row, "files") : "",
               when(row["measured_at"], context.deps.now(), context.wide())});
}

void print(Context& context, const json::Value& storage) {
    Terminal& term = context.term;
    const std::string group = text_of(storage["group"], "name");
    term.line(fmt::format("{}   {}", term.styled(Style::kBold, term.plain(text_of(storage, "name"))),
                          term.plain(group.empty() ? "for all groups" : "for the group " + group)));
    if (const std::string description = text_of(storage, "description"); !description.empty())
        term.line("  " + term.plain(description));
    if (storage["free_bytes"].is_int()) {
        term.line(fmt::format("  {} free of {}, in {}", bytes_in_words(int_of(storage, "free_bytes")),
                              bytes_in_words(int_of(storage, "total_bytes")), term.plain(text_of(storage, "folder"))));
    }
    for (const auto& [key, whose] :
         {std::pair("project_quota_bytes", "a project"), std::pair("group_quota_bytes", "a group")}) {
        if (storage[key].is_int())
            term.line(fmt::format("  {} may keep {} unless an operator says otherwise", whose,
                                  bytes_in_words(int_of(storage, key))));
    }
    term.line();
    Table table({{"whose", false, true, true},
                 {"used", true, false, true},
                 {"quota", true},
                 {"", false},
                 {"files", true},
                 {"measured"}});
    for (const json::Value& row : storage["groups"].as_array())
        add_row(table, context, "group " + text_of(row["group"], "name"), row);
    for (const json::Value& row : storage["folders"].as_array()) add_row(table, context, owner_in_words(row), row);
    table.print(term, 2);
}

}  // namespace

std::string used_in_words(const json::Value& use) {
    const bool is_complete = !use["complete"].is_bool() || use["complete"].as_bool();
    return (is_complete ? "" : "more than ") + bytes_in_words(int_of(use, "bytes"));
}

Positional storage_argument() { return {.name = "STORAGE", .help = "its name", .offer = Offer::kStorage}; }

Command storage_show_command() {
    return {{.words = {"storage", "show"},
             .summary = "Show what lies on a storage, by group and by folder, and the quotas",
             .details = "Of groups and projects you see those that you may know of. Figures are as old as it says.",
             .positionals = {storage_argument()},
             .examples = {"pintle storage show default"}},
            [](Context& context) -> Result<int> {
                const json::Value storage = TRY(context.api.get("/storages/" + segment(context.args.get("STORAGE"))));
                return show(context, storage, text_of(storage, "name"), [&] { print(context, storage); });
            }};
}

}  // namespace pintle::cli
