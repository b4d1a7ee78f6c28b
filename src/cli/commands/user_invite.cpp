#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command user_invite_command() {
    return {{.words = {"user", "invite"},
             .summary = "Print a new link to set a password, for somebody who lost theirs; an older link ends",
             .positionals = {user_argument()},
             .examples = {"pintle user invite ana"}},
            [](Context& context) -> Result<int> {
                const json::Value answer =
                    TRY(context.api.call({.method = "POST", .path = user_path(context) + "/invite"}));
                return show(context, answer, text_of(answer, "link"), [&] { print_invitation(context, answer); });
            }};
}

}  // namespace pintle::cli
