#pragma once

#include <string>
#include <utility>

#include "source/source_files.hpp"

namespace pintle::source {

/// The files of one cluster storage source.
///
/// Threading: any thread, several at once; blocks on the disk. Ownership: a value; no files stay open.
/// Failure: as SourceFiles.
class StorageFiles final : public SourceFiles {
public:
    /// `folder` as SourcePreparer::folder_of() gives it. `staging` is a folder of the same file system that no job
    /// reaches, made when it is not there; without one, files are only read and removed.
    explicit StorageFiles(std::string folder, std::string staging = {})
        : folder_(std::move(folder)), staging_(std::move(staging)) {}

    [[nodiscard]] Result<FileListing> list(const std::string& sub_path, const std::string& after,
                                           std::size_t limit) const override;
    [[nodiscard]] Result<OpenFile> open(const std::string& path, std::int64_t from) const override;
    [[nodiscard]] Result<void> check_place(const std::string& path) const override;
    [[nodiscard]] Result<std::string> staging_folder() const override;
    [[nodiscard]] Result<void> take(const std::string& path, const std::string& staged,
                                    const std::atomic<bool>* give_up) const override;
    [[nodiscard]] Result<void> remove(const std::string& path) const override;

    [[nodiscard]] Result<void> make_folder(const std::string& path) const;

private:
    const std::string folder_;
    const std::string staging_;
};

}  // namespace pintle::source
