#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& files) {
    if (files.size() == 0) return context.term.line("empty");
    const Time now = context.deps.now();
    Table table({{"name", false, false, true}, {"size", true}, {"changed"}});
    for (const json::Value& file : files.as_array()) {
        const bool folder = text_of(file, "kind") == "folder";
        table.add({text_of(file, "name") + (folder ? "/" : ""),
                   folder           ? ""
                   : context.wide() ? text_of(file, "size_bytes")
                                    : bytes_in_words(int_of(file, "size_bytes")),
                   when(file["modified_at"], now, context.wide())});
    }
    table.print(context.term);
}

void print_commit(Context& context, const json::Value& commit) {
    constexpr std::size_t kShort = 12;
    if (!commit.is_string()) return;
    const std::string& whole = commit.as_string();
    context.term.line(context.term.plain(
        fmt::format("{} at commit {}", context.args.get("SOURCE"), context.wide() ? whole : whole.substr(0, kShort))));
}

}  // namespace

Command source_files_command() {
    return {{.words = {"source", "files"},
             .summary = "List the files of a source",
             .details = "Those of a git source are shown at the commit that its revision is now.",
             .positionals = {project_argument(),
                             {.name = "SOURCE", .help = "its name", .offer = Offer::kSource},
                             {.name = "PATH", .help = "a folder in it", .optional = true}},
             .examples = {"pintle source files digits data", "pintle source files digits training 6",
                          "pintle source files digits src digits/src"}},
            [](Context& context) -> Result<int> {
                const std::string path =
                    project_path(context) + "/sources/" + segment(context.args.get("SOURCE")) + "/files";
                const auto page = TRY(context.api.list(path, {{"path", context.args.get("PATH")}}, 100'000));
                return show(context, as_answer(page), [&] {
                    print_commit(context, page.commit);
                    print(context, page.items);
                });
            }};
}

}  // namespace pintle::cli
