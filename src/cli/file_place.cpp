#include "cli/file_place.hpp"

namespace pintle::cli {

// A project may be said with its group, "research:digits", so the colon that counts is the first after the slash.
Result<FilePlace> parse_file_place(const std::string& text) {
    if (text.empty()) return fail(ErrorCode::kInvalid, "a place of files is empty; say a path, or PROJECT/SOURCE:PATH");
    const FilePlace here{false, "", "", text};
    if (text.front() == '/' || text.front() == '.') return here;
    const std::size_t slash = text.find('/');
    const std::size_t colon = slash == std::string::npos ? slash : text.find(':', slash);
    if (colon == std::string::npos || text.find('/', slash + 1) < colon) return here;
    FilePlace there{true, text.substr(0, slash), text.substr(slash + 1, colon - slash - 1), text.substr(colon + 1)};
    if (there.source.empty()) return here;
    while (there.path.starts_with("./")) there.path.erase(0, 2);
    return there;
}

std::string name_in_folder(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    const std::string name = path.substr(path.rfind('/') + 1);
    return name == "." || name == ".." ? "" : name;
}

std::string join_path(const std::string& folder, const std::string& name) {
    if (folder.empty() || name.empty()) return folder + name;
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

}  // namespace pintle::cli
