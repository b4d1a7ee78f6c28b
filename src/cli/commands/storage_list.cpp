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
                    Table table({{"storage", false, false, true},
                                 {"free", true, false, true},
                                 {"of", true},
                                 {"used", true},
                                 {"files", true},
                                 {"for", false, true},
                                 {"folder", false, true, true},
                                 {"description", false, true}});
                    for (const json::Value& storage : page.items.as_array()) {
                        const auto bytes = [&](const char* key) {
                            return storage[key].is_int() ? bytes_in_words(int_of(storage, key)) : std::string();
                        };
                        const std::string group = text_of(storage["group"], "name");
                        table.add({text_of(storage, "name"), bytes("free_bytes"), bytes("total_bytes"),
                                   storage["measured_at"].is_string() ? used_in_words(storage) : "",
                                   storage["measured_at"].is_string() ? text_of(storage, "files") : "",
                                   group.empty() ? std::string() : "the group " + group, text_of(storage, "folder"),
                                   text_of(storage, "description")});
                    }
                    table.print(context.term);
                });
            }};
}

}  // namespace pintle::cli
