#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/source.hpp"
#include "source/git_mirror.hpp"
#include "source/rclone.hpp"

namespace pintle::source {

struct S3Options {
    Duration patience = std::chrono::seconds(45);   ///< For the server's first answer, and for a mount to be there.
    Duration copy_limit = std::chrono::hours(12);   ///< Of copying a bucket in or back.
    Duration flush_limit = std::chrono::minutes(30);  ///< For what a job wrote last to be sent.
};

/// A job's own view of a bucket, or of the objects below a prefix of it:
///
///     FOLDER/            the mount, or the copy
///     FOLDER.cache/      of a mount: what is on its way to the server (rclone's cache)
///     FOLDER.copied      of a copy: made when the copy was whole; what changed later is copied back
///
/// Mounted by rclone as a file system that keeps what is written on disk and sends it when the file is closed. Where
/// this machine cannot mount, or the source asks for it, everything is copied before the job starts. Copying back sends
/// new and changed files; what a job deletes stays in the bucket, and links and files that are neither are left out.
///
/// Threading: any thread, one at a time for a folder. Failure: as explain_rclone(); calls may be made again.
class S3Sources {
public:
    explicit S3Sources(S3Options options) : options_(std::move(options)) {}

    /// What is there and alive stays as it is.
    [[nodiscard]] Result<void> open(const domain::S3Source& origin, const Bucket& bucket, const std::string& folder,
                                    bool read_only, const Progress& progress) const;
    /// Waits until everything that was written is on the server, or copies it back. The folder stays.
    [[nodiscard]] Result<void> flush(const Bucket& bucket, const std::string& folder, const Progress& progress) const;

    /// Whether the folder holds what is not on the server yet.
    [[nodiscard]] static bool has_unsent(const std::string& folder);

private:
    [[nodiscard]] Result<void> probe(const Bucket& bucket) const;
    [[nodiscard]] Result<void> mount(const Bucket& bucket, const std::string& folder, bool read_only) const;
    [[nodiscard]] Result<void> copy_in(const Bucket& bucket, const std::string& folder, const Progress& progress) const;
    [[nodiscard]] Result<void> copy_back(const Bucket& bucket, const std::string& folder,
                                         const Progress& progress) const;
    const S3Options options_;
};

}  // namespace pintle::source
