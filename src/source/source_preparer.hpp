#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/job.hpp"

namespace pintle::source {

/// A named storage of the server's configuration: a folder of this machine.
struct Storage {
    std::string name;
    std::string folder;
};

struct SourceOptions {
    std::vector<Storage> storages;
    std::string organisation = "default";  ///< Whose folder of the storages is used.
    std::string cache_folder;  ///< Mirrors of git repositories, shared by all jobs.
    std::string work_folder;   ///< One folder per job for its checkouts; see forget().
};

/// Turns the sources of a job into folders that can be mounted.
///
/// Threading: any thread, several at once; preparations of one git repository wait for each other.
/// Failure: an error whose message names the source, what was tried and what to do. Nothing is cleaned up then:
/// preparing again is always possible and continues.
class SourcePreparer {
public:
    explicit SourcePreparer(SourceOptions options);
    ~SourcePreparer();

    /// Makes every source that a resource of the job mounts available. `progress` gets sentences.
    [[nodiscard]] Result<domain::Preparation> prepare(const domain::Job& job, const std::function<void(std::string)>& progress);
    /// Removes the job's checkouts. Idempotent.
    void forget(const domain::JobId& job);

    /// Where a source's content lies on this machine; only cluster storage has such a place before a job runs.
    [[nodiscard]] Result<std::string> folder_of(const domain::Source& source, const std::string& project) const;
    /// Folders that only this project sees, for deleting them with it and for telling so before.
    [[nodiscard]] std::vector<std::string> private_folders(const domain::ProjectSpec& spec) const;
    /// Folders that others may see, which deleting the project leaves alone.
    [[nodiscard]] std::vector<std::string> shared_folders(const domain::ProjectSpec& spec) const;
    /// Moves what only this project sees to its new name. Idempotent.
    [[nodiscard]] Result<void> rename_project(const std::string& from, const std::string& to);

    [[nodiscard]] const std::vector<Storage>& storages() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::source
