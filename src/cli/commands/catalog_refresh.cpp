#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command catalog_refresh_command() {
    return {{.words = {"catalog", "refresh"},
             .summary = "Have the server read a catalog again now",
             .positionals = {{.name = "CATALOG",
                              .help = "its name; pintle catalog list shows it before each template's"}},
             .examples = {"pintle catalog refresh team"}},
            [](Context& context) -> Result<int> {
                const std::string name = context.args.get("CATALOG");
                const json::Value state = TRY(context.api.send_json(
                    "POST", fmt::format("/catalog/{}/refresh", segment(name)), json::Value::object()));
                if (state["fault"].is_string())
                    return fail(ErrorCode::kUnavailable, "the catalog {} cannot be read: {}", name,
                                text_of(state, "fault"));
                return show(context, state, [&] {
                    const std::string commit = text_of(state, "commit");
                    const std::string at = commit.empty() ? "" : ", at commit " + commit.substr(0, 12);
                    const std::int64_t broken = int_of(state, "broken");
                    context.term.line(context.term.plain(
                        fmt::format("{} has {} templates{}{}", name, int_of(state, "templates"),
                                    broken == 0 ? "" : fmt::format(", {} of them broken", broken), at)));
                });
            }};
}

}  // namespace pintle::cli
