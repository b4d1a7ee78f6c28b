#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace pintle::cli {

/// The files of one source on the server. Paths are bytes: names need not be UTF-8.
///
/// Threading: one thread; blocks. Ownership: borrows the context. Failure: in the server's words; kDenied for names by
/// which a server would have files put elsewhere than where they are fetched to.
class RemoteFiles {
public:
    static constexpr std::size_t kMostFiles = 100'000;
    static constexpr std::size_t kDeepest = 64;

    enum class Kind { kFile, kFolder, kLink, kOther };
    struct Entry {
        std::string name;
        Kind kind = Kind::kFile;
        std::int64_t size_bytes = 0;
        std::string tag;  ///< Of what it is now; another when it changes.
    };
    struct File {
        std::string path;    ///< In the source.
        std::string target;  ///< Below the folder that was asked for.
        Entry entry;
    };

    RemoteFiles(Context& context, const std::string& project, const std::string& source);

    /// What is at the path, links followed; nothing when nothing is.
    [[nodiscard]] Result<std::optional<Entry>> look_at(const std::string& path);
    /// All files in the folder and the folders in it, and the folders of them that are empty.
    [[nodiscard]] Result<std::vector<File>> files_below(const std::string& folder);
    /// Writes the content to the descriptor, from its beginning. A broken connection is continued for a while; the file
    /// must not have changed meanwhile.
    [[nodiscard]] Result<void> fetch(const File& file, int fd);
    /// Puts it at `to` as a whole: it gathers in a hidden file beside it, which stays when this is broken off, and with
    /// which the next try goes on as long as the file on the server is the same.
    [[nodiscard]] Result<void> fetch_to(const File& file, const std::string& to);

    /// "digits/data", for people.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& api_path() const { return api_path_; }

private:
    [[nodiscard]] Result<std::vector<Entry>> list(const std::string& folder);
    Result<void> collect(const std::string& folder, const std::string& target, std::size_t depth,
                         std::vector<File>& found);
    Result<void> fetch_rest(const File& file, std::int64_t from, int fd);

    Context& context_;
    const std::string name_;
    const std::string api_path_;  ///< "/projects/…/sources/…"
};

/// The parameter for a path, as it can be said: {"path", …}, or {"encoded_path", …} for what is not UTF-8.
[[nodiscard]] std::pair<std::string, std::string> path_param(const std::string& path);

/// Names come from the server: none may lead out of the folder they are put into.
[[nodiscard]] bool is_safe_name(const std::string& name);

}  // namespace pintle::cli
