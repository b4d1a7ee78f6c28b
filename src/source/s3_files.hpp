#pragma once

#include <optional>
#include <string>

#include "source/file_senders.hpp"
#include "source/listed_folders.hpp"
#include "source/rclone.hpp"
#include "source/source_files.hpp"

namespace pintle::source {

struct S3FilesOptions {
    bool read_only = false;
    std::string staging;  ///< Where uploads gather; made when it is not there.
    std::string user;     ///< Who looks: what one has listed is not shown to another, who may have other rights.
    Duration answer = SourceFiles::kAnswerMost;
    /// How long the server may say nothing at all, each of the four times that rclone asks it.
    Duration silence = std::chrono::seconds(5);
    Duration transfer_silence = std::chrono::seconds(30);  ///< The same, while a file is sent.
    Duration copy_limit = std::chrono::hours(12);          ///< Of sending one file.
    std::string program = "rclone";
};

/// The objects of a bucket, or of those below a prefix, as files; by rclone, a process for each call. Folders are the
/// beginnings of names: an empty one is there only where a tool has left a marker object for it. Names with control
/// characters are shown as jobs see them in a mount, with a picture (U+240A for a line's end), and found by both.
///
/// Threading: any thread, several at once. Ownership: borrows the senders and the listed folders.
/// Failure: as SourceFiles and explain_rclone().
class S3Files final : public SourceFiles {
public:
    S3Files(Bucket bucket, S3FilesOptions options, FileSenders& senders, ListedFolders& listed)
        : bucket_(std::move(bucket)), options_(std::move(options)), senders_(senders), listed_(listed) {}

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
    using Words = std::vector<std::string>;
    struct Object {
        std::int64_t size_bytes = 0;
        Time modified_at{};
    };

    [[nodiscard]] Deadline deadline() const { return std::chrono::steady_clock::now() + options_.answer; }
    [[nodiscard]] std::string remote(const std::string& clean) const;
    [[nodiscard]] Result<void> check_writable() const;
    [[nodiscard]] Result<void> run(Words words, const std::function<bool(std::string_view)>& take,
                                   Deadline until) const;
    [[nodiscard]] Result<void> ended(os::Child& child, Deadline until) const;
    /// The object of exactly that name.
    [[nodiscard]] Result<std::optional<Object>> find(const std::string& clean, Deadline until) const;
    /// Whether there are objects below the name.
    [[nodiscard]] Result<bool> has_objects_below(const std::string& clean, Deadline until) const;
    /// Whether a marker object makes it a folder: those show only in the folder above.
    [[nodiscard]] Result<bool> has_marker(const std::string& clean, Deadline until) const;

    const Bucket bucket_;
    const S3FilesOptions options_;
    FileSenders& senders_;
    ListedFolders& listed_;
};

}  // namespace pintle::source
