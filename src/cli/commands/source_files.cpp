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

}  // namespace

Command source_files_command() {
    return {{.words = {"source", "files"},
             .summary = "List the files of a source on a storage",
             .positionals = {project_argument(),
                             {.name = "SOURCE", .help = "its name", .offer = Offer::kSource},
                             {.name = "PATH", .help = "a folder in it", .optional = true}},
             .examples = {"pintle source files digits data", "pintle source files digits training 6"}},
            [](Context& context) -> Result<int> {
                const std::string path =
                    project_path(context) + "/sources/" + segment(context.args.get("SOURCE")) + "/files";
                const auto page = TRY(context.api.list(path, {{"path", context.args.get("PATH")}}, 100'000));
                return show(context, as_answer(page), [&] { print(context, page.items); });
            }};
}

}  // namespace pintle::cli
