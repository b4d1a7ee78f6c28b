#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/unique_fd.hpp"

namespace pintle::source {

struct FileEntry {
    enum class Kind { kFile, kFolder, kLink, kOther };
    std::string name;
    Kind kind = Kind::kFile;
    std::int64_t size_bytes = 0;  ///< Of a file; else 0.
    Time modified_at{};
    std::string tag{};  ///< Of a file, where the source has one: another as soon as the content is another.
};
[[nodiscard]] std::string_view to_string(FileEntry::Kind kind);  ///< "file", "folder", …

/// One page of a folder, by name.
struct FileListing {
    std::vector<FileEntry> entries;
    std::string next;      ///< Give it as `after` for the next page; empty: that was all.
    std::string commit{};  ///< At which the files are so, in full; empty where there are no commits.
};

/// A file opened for reading; what the path names later does not matter any more. The descriptor may be a pipe that
/// does not block: then EAGAIN says that more comes later.
struct OpenFile {
    os::UniqueFd fd;
    std::int64_t size_bytes = 0;
    Time modified_at{};
    std::string tag{};  ///< As of FileEntry.
};

/// The files of one source, for browsing and filling it: every path is relative to the source (its sub path included)
/// and cannot leave it, by "..", by "/" or by a symbolic link.
///
/// Threading: any thread, several at once; blocks on disks and servers, but never longer than kAnswerMost for a
/// listing, an opening or a removal. Ownership: no files stay open.
/// Failure: kInvalid for paths that are none, kDenied for what would leave the source, kNotFound, kConflict;
/// kUnavailable or kTimeout where a server does not answer, in words that name it.
class SourceFiles {
public:
    static constexpr std::size_t kPageMost = 1000;         ///< Entries of one page.
    static constexpr std::size_t kFolderMost = 1'000'000;  ///< Entries of a folder that can be listed.
    static constexpr Duration kAnswerMost = std::chrono::seconds(30);

    virtual ~SourceFiles() = default;
    /// Entries of a folder whose names come after `after`. Uploads on their way are left out.
    [[nodiscard]] virtual Result<FileListing> list(const std::string& sub_path, const std::string& after,
                                                   std::size_t limit) const = 0;
    /// Reading begins at byte `from`, or at the end where the file is shorter; `size_bytes` is that of the whole file.
    [[nodiscard]] virtual Result<OpenFile> open(const std::string& path, std::int64_t from) const = 0;
    /// Refuses paths where no file could be put, before anything is sent; what is there is not looked at.
    [[nodiscard]] virtual Result<void> check_place(const std::string& path) const = 0;
    /// Where the bytes of an upload gather until all are there; on the same disk where that is possible.
    [[nodiscard]] virtual Result<std::string> staging_folder() const = 0;
    /// Puts `staged`, a file in staging_folder(), in the place of `path`, at once and as a whole; folders on the way
    /// are made. `staged` is gone afterwards; after an error it is still there and the call may be repeated. Takes as
    /// long as copying takes where it cannot be renamed; ends early, with kCancelled, once `give_up` is true.
    [[nodiscard]] virtual Result<void> take(const std::string& path, const std::string& staged,
                                            const std::atomic<bool>* give_up) const = 0;
    /// Removes a file, a link, or a folder with everything in it; nothing there is kNotFound. Never follows links.
    [[nodiscard]] virtual Result<void> remove(const std::string& path) const = 0;
};

/// Puts a small file that is in memory already; at once and as a whole, as take() does.
[[nodiscard]] Result<void> put(const SourceFiles& files, const std::string& path, std::string_view content);

/// A name in a staging folder that nobody else has.
[[nodiscard]] std::string staged_name();

}  // namespace pintle::source
