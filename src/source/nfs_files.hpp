#pragma once

#include <string>

#include "source/file_senders.hpp"
#include "source/nfs_source.hpp"
#include "source/source_files.hpp"

namespace pintle::source {

struct NfsFilesOptions {
    std::string root;  ///< The source's sub path, clean and relative to the export.
    bool read_only = false;
    std::string staging;  ///< Where uploads gather; made when it is not there.
    Duration limit = SourceFiles::kAnswerMost;
    Duration copy_limit = std::chrono::hours(12);  ///< Of sending one file.
    NfsOptions nfs;
};

/// The files of an NFS server, without a mount: by a process for each call, which speaks to the server itself
/// (module nfs_mount) and is killed when its time is over. Files get the ids of the server's own user, as mounts give
/// them. A file that is put lies beside its place under another name until all of it is there.
///
/// Threading: any thread, several at once. Ownership: borrows the senders.
/// Failure: as SourceFiles.
class NfsFiles final : public SourceFiles {
public:
    /// `server` is what is asked, `origin` what is told of it: its address may have been looked up already.
    NfsFiles(domain::NfsSource origin, domain::ServerAddress server, NfsFilesOptions options, FileSenders& senders)
        : origin_(std::move(origin)), server_(std::move(server)), options_(std::move(options)), senders_(senders) {}

    [[nodiscard]] Result<FileListing> list(const std::string& sub_path, const std::string& after,
                                           std::size_t limit) const override;
    [[nodiscard]] Result<OpenFile> open(const std::string& path, std::int64_t from) const override;
    [[nodiscard]] Result<void> check_place(const std::string& path) const override;
    [[nodiscard]] Result<std::string> staging_folder() const override;
    [[nodiscard]] Result<void> take(const std::string& path, const std::string& staged,
                                    const std::atomic<bool>* give_up) const override;
    [[nodiscard]] Result<void> remove(const std::string& path) const override;

private:
    using Deadline = os::Child::Deadline;
    [[nodiscard]] Deadline deadline() const { return std::chrono::steady_clock::now() + options_.limit; }
    [[nodiscard]] Result<void> check_writable() const;
    [[nodiscard]] Result<os::Child> start(const std::string& verb, std::vector<std::string> words,
                                          int input = -1) const;
    [[nodiscard]] Result<void> ended(os::Child& child, Deadline until) const;
    [[nodiscard]] Error too_slow() const;

    const domain::NfsSource origin_;
    const domain::ServerAddress server_;
    const NfsFilesOptions options_;
    FileSenders& senders_;
};

}  // namespace pintle::source
