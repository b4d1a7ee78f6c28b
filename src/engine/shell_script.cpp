#include "engine/shell_script.hpp"

#include <fmt/core.h>

namespace pintle::engine {
namespace {

// Inside double quotes, so that variables are expanded and spaces kept; what would end the quotes is escaped.
std::string in_double_quotes(std::string_view text) {
    std::string quoted = "\"";
    if (text == "~" || text.substr(0, 2) == "~/") {
        quoted += "$HOME";
        text.remove_prefix(1);
    }
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == '`') quoted.push_back('\\');
        quoted.push_back(c);
    }
    return quoted + "\"";
}

}  // namespace

std::string shell_script(std::string_view work_dir, std::string_view command) {
    if (work_dir.empty()) return std::string(command);
    return fmt::format("cd -- {} || exit 1; {}", in_double_quotes(work_dir), command);
}

bool names_its_place(std::string_view work_dir) {
    return !work_dir.empty() && (work_dir[0] == '/' || work_dir[0] == '$' || work_dir[0] == '~');
}

}  // namespace pintle::engine
