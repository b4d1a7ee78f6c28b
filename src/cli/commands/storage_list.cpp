#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command storage_list_command() {
    return {{.words = {"storage", "list"},
             .summary = "List the storages of the server",
             .examples = {"pintle storage list"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list("/storages"));
                return show(context, as_answer(page), [&] {
                    Table table(
                        {{"storage", false, false, true}, {"free", true, false, true}, {"folder", false, true, true}});
                    for (const json::Value& storage : page.items.as_array()) {
                        const bool known = storage["free_bytes"].is_int();
                        table.add({text_of(storage, "name"), known ? bytes_in_words(int_of(storage, "free_bytes")) : "",
                                   text_of(storage, "folder")});
                    }
                    table.print(context.term);
                });
            }};
}

}  // namespace pintle::cli
