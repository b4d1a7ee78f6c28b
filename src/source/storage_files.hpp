#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/unique_fd.hpp"

namespace pintle::source {

struct StorageEntry {
    enum class Kind { kFile, kFolder, kLink, kOther };
    std::string name;
    Kind kind = Kind::kFile;
    std::int64_t size_bytes = 0;  ///< Of a file; else 0.
    Time modified_at{};
};
[[nodiscard]] std::string_view to_string(StorageEntry::Kind kind);  ///< "file", "folder", …

/// One page of a folder, by name.
struct StorageListing {
    std::vector<StorageEntry> entries;
    std::string next;  ///< Give it as `after` for the next page; empty: that was all.
};

/// A file opened for reading; what the path names later does not matter any more.
struct StorageFile {
    os::UniqueFd fd;
    std::int64_t size_bytes = 0;
    Time modified_at{};
};

/// A file on its way in. Invisible until finish(), which puts it in the place of what was there; dropped without
/// it, nothing has happened. One thread at a time.
class StorageUpload {
public:
    StorageUpload(StorageUpload&&) noexcept = default;
    StorageUpload& operator=(StorageUpload&&) = delete;
    ~StorageUpload();
    [[nodiscard]] Result<void> write(std::string_view bytes);
    [[nodiscard]] Result<void> finish();

private:
    friend class StorageFiles;
    StorageUpload(os::UniqueFd folder, os::UniqueFd file, std::string temporary, std::string name)
        : folder_(std::move(folder)),
          file_(std::move(file)),
          temporary_(std::move(temporary)),
          name_(std::move(name)) {}

    os::UniqueFd folder_;
    os::UniqueFd file_;
    std::string temporary_;
    std::string name_;
};

/// The files of one cluster storage source, for browsing and filling it: every path is relative to its folder and
/// cannot leave it, by "..", by "/" or by a symbolic link.
///
/// Threading: any thread, several at once; blocks on the disk. Ownership: a value; no files stay open.
/// Failure: kInvalid for paths that are none, kDenied for what would leave the folder, kNotFound, kConflict.
class StorageFiles {
public:
    static constexpr std::size_t kPageMost = 1000;         ///< Entries of one page.
    static constexpr std::size_t kFolderMost = 1'000'000;  ///< Entries of a folder that can be listed.

    /// `folder` as SourcePreparer::folder_of() gives it.
    explicit StorageFiles(std::string folder) : folder_(std::move(folder)) {}

    /// Entries of a folder whose names come after `after`. Uploads on their way are left out.
    [[nodiscard]] Result<StorageListing> list(const std::string& sub_path, const std::string& after = "",
                                              std::size_t limit = kPageMost) const;
    [[nodiscard]] Result<StorageFile> open(const std::string& path) const;
    /// Folders on the way are made.
    [[nodiscard]] Result<StorageUpload> begin_put(const std::string& path) const;
    [[nodiscard]] Result<void> put(const std::string& path, std::string_view content) const;
    [[nodiscard]] Result<void> make_folder(const std::string& path) const;
    /// Removes a file, a link, or a folder with everything in it; nothing there is kNotFound. Never follows links.
    [[nodiscard]] Result<void> remove(const std::string& path) const;

private:
    std::string folder_;
};

}  // namespace pintle::source
