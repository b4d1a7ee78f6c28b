#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace pintle::cli {

/// Files between a folder here and a source's folder on the server's storage.
///
/// Threading: one thread; blocks. Failure: at the first file that cannot be read or sent; what was sent stays.

struct FileToSend {
    std::string path;    ///< Ready to open; never a symbolic link.
    std::string target;  ///< "data/train.npz"
    std::uint64_t size_bytes = 0;
};
struct FolderToSend {
    std::vector<FileToSend> files;     ///< Sorted by target.
    std::vector<std::string> skipped;  ///< In words: links that lead out of the folder, sockets and the like.
    std::uint64_t size_bytes = 0;
};

enum class Leave { kNothing, kCaches };  ///< kCaches: .git and __pycache__ are left out.

/// The files of a folder. A symbolic link counts as the file it leads to if that lies in the folder too; links to
/// folders are skipped. kExhausted past 100,000 files.
[[nodiscard]] Result<FolderToSend> files_of(const std::string& folder, Leave leave = Leave::kCaches);

/// Sends them into `source` of `project` below `target` ("" for its top), with a progress line, and says what was
/// sent. Returns how many.
[[nodiscard]] Result<std::size_t> send_folder(Context& context, const std::string& project, const std::string& source,
                                              const std::string& folder, const std::string& target,
                                              Leave leave = Leave::kCaches);
/// A small file at once; a larger one in pieces, which goes on after broken connections and restarts of the server, and
/// when the same file is sent to the same place again later.
[[nodiscard]] Result<void> send_file(Context& context, const std::string& project, const std::string& source,
                                     const FileToSend& file);

}  // namespace pintle::cli
