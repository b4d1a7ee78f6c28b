#include "catalog/file_tree.hpp"

#include "base/text.hpp"

namespace pintle::catalog {

std::string path_in(const std::string& folder, std::string_view name) {
    if (folder.empty() || name.empty()) return folder.empty() ? std::string(name) : folder;
    return fmt::format("{}/{}", folder, name);
}

Result<std::vector<TreeEntry>> MemoryTree::list(const std::string& folder) {
    const std::string prefix = folder.empty() ? "" : folder + "/";
    std::vector<TreeEntry> entries;
    for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix); ++it) {
        const std::string rest = it->first.substr(prefix.size());
        const std::size_t slash = rest.find('/');
        const std::string name = rest.substr(0, slash);
        if (!entries.empty() && entries.back().name == name) continue;
        const bool is_file = slash == std::string::npos;
        entries.push_back({name, is_file ? TreeEntry::Kind::kFile : TreeEntry::Kind::kFolder,
                           is_file ? static_cast<std::int64_t>(it->second.size()) : 0});
    }
    if (entries.empty() && !folder.empty())
        return fail(ErrorCode::kNotFound, "there is no folder {}", to_valid_utf8(folder));
    return entries;
}

Result<std::string> MemoryTree::read(const std::string& file, std::size_t most_bytes) {
    const auto found = files_.find(file);
    if (found == files_.end()) return fail(ErrorCode::kNotFound, "there is no file {}", to_valid_utf8(file));
    if (found->second.size() > most_bytes) {
        return fail(ErrorCode::kExhausted, "it has {}; at most {} are read",
                    bytes_in_words(static_cast<std::int64_t>(found->second.size())),
                    bytes_in_words(static_cast<std::int64_t>(most_bytes)));
    }
    return found->second;
}

}  // namespace pintle::catalog
