#include "engine_process/machine_files.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {

std::string machine_text(const std::string& path) {
    return std::string(trim(os::read_file(path, 4 << 20).value_or(std::string())));
}

std::vector<std::string> machine_names(const std::string& folder) {
    return os::list_folder(folder).value_or(std::vector<std::string>());
}

std::string line_value(std::string_view text, std::string_view name, char separator) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t at = line.find(separator);
        if (at != std::string_view::npos && trim(line.substr(0, at)) == name) {
            return std::string(trim(line.substr(at + 1)));
        }
    }
    return {};
}

}  // namespace pintle::engine_process
