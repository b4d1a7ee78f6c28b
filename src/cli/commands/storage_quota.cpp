#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    if (args.has("project") == args.has("group")) {
        return fail(ErrorCode::kInvalid, "say whose quota it is: --project PROJECT or --group GROUP");
    }
    const std::string kind = args.has("project") ? "project" : "group";
    const std::string whose = args.get(kind), size = args.get("SIZE");
    const json::Value body = json::Value::object({{kind, whose}, {"quota", size}});
    const json::Value storage =
        TRY(context.api.send_json("PUT", "/storages/" + segment(args.get("STORAGE")) + "/quota", body));
    const std::string may = size == "none"      ? "may keep as much as there is room for"
                            : size == "default" ? "has the storage's own quota again"
                                                : "may keep " + size;
    return show(context, storage, text_of(storage, "name"), [&] {
        context.term.line(
            context.term.plain(fmt::format("the {} {} {} on {}", kind, whose, may, text_of(storage, "name"))));
    });
}

}  // namespace

Command storage_quota_command() {
    return {{.words = {"storage", "quota"},
             .summary = "Set how much a project or a group may keep on a storage",
             .details =
                 "A project's quota is for its own folder, a group's for everything of the group. Uploads that would "
                 "go past it\n"
                 "are refused, and jobs that write there wait until there is room; those that run are told and go on.",
             .positionals = {storage_argument(),
                             {.name = "SIZE",
                              .help = "such as 100GB or 2Ti; none for no limit, default for the storage's own"}},
             .options = {{.name = "project", .value = "PROJECT", .help = "of this project", .offer = Offer::kProject},
                         {.name = "group",
                          .value = "GROUP",
                          .help = "of this group, with all of its projects",
                          .offer = Offer::kGroup}},
             .examples = {"pintle storage quota default --project digits 100GB",
                          "pintle storage quota default --group research none"}},
            run};
}

}  // namespace pintle::cli
