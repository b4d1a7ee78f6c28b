#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/account.hpp"
#include "domain/job.hpp"
#include "source/git_revisions.hpp"
#include "source/limits.hpp"
#include "source/nfs_source.hpp"
#include "source/repository_file.hpp"
#include "source/s3_source.hpp"
#include "source/source_files.hpp"
#include "source/storage_source.hpp"

namespace pintle::source {

struct SourceOptions {
    std::vector<Storage> storages;
    std::string cache_folder;                         ///< Mirrors of git repositories, shared by all jobs.
    std::string work_folder;                          ///< One folder per job for its checkouts; see forget().
    std::string staging_folder;                       ///< Where files gather that are on their way to a server.
    Duration git_timeout = std::chrono::minutes(10);  ///< Of one call of git, and of the silence of a fetch.
    Duration git_patience = std::chrono::minutes(2);  ///< The same, while somebody waits for the answer.
    /// Opens the account that this user means by the name, on any thread. Empty: nobody has accounts.
    std::function<Result<domain::OpenAccount>(const domain::UserId&, const std::string& name)> accounts;
    bool private_addresses = true;  ///< Whether git, NFS and S3 servers may be at private addresses; see addresses.hpp.
    NfsOptions nfs;
    S3Options s3;
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

    /// Makes every source that a resource of the job mounts available. `progress` gets sentences. A job that was
    /// prepared before gets the same folders and commits again, however its repositories have moved on.
    /// `environments` is left empty. `begins` is told which source is made ready next; the last one it was told is the
    /// one that failed. `limits` end git repositories that take long.
    [[nodiscard]] Result<domain::Preparation> prepare(const domain::Job& job,
                                                      const std::function<void(std::string)>& progress,
                                                      const std::function<void(const domain::Source&)>& begins = {},
                                                      const Limits& limits = {});
    /// Brings what the job wrote to those of its sources that get it only at the end: Preparation::written_back.
    /// Nothing of the job runs any more. Doing it again finds nothing left to do.
    [[nodiscard]] Result<void> finish(const domain::Job& job, const std::function<void(std::string)>& progress);
    /// Undoes the job's mounts and removes its checkouts and copies. Idempotent. What could not be brought to a source
    /// stays in the job's work folder, which a log line names.
    void forget(const domain::JobId& job);
    /// Jobs of which there is something in the work folder, without those that live.
    [[nodiscard]] std::vector<domain::JobId> leftovers(const std::set<domain::JobId>& live) const;
    /// Whether the source can be mounted now by this user: it is mounted, read, and unmounted again. Takes as long as
    /// it takes; never for ever.
    [[nodiscard]] Result<void> check(const domain::Source& source, const ProjectPlace& project,
                                     const domain::UserId& user, const std::string& id);

    /// Where a source's content lies on this machine, made when it is not there; only cluster storage has such a
    /// place before a job runs.
    [[nodiscard]] Result<std::string> folder_of(const domain::Source& source, const ProjectPlace& project) const;
    /// The files of a source, to browse and to fill; those of git to browse only. An account that it names is this
    /// user's. It may be used when the project has changed, and not longer than this preparer.
    [[nodiscard]] Result<std::unique_ptr<SourceFiles>> files_of(const domain::Source& source,
                                                                const ProjectPlace& project,
                                                                const domain::UserId& user) const;
    /// The server ends: whoever waits for files of a repository waits no longer.
    void stop_looking();
    /// Every folder in which files gather that are put into sources.
    [[nodiscard]] std::vector<std::string> staging_folders() const;
    /// Folders that only this project sees, for deleting them with it and for telling so before. Only those that
    /// are there, and none that lies within another.
    [[nodiscard]] std::vector<std::string> private_folders(const domain::ProjectSpec& spec,
                                                           const std::string& organisation) const;
    /// Folders that others may see, which deleting the project leaves alone.
    [[nodiscard]] std::vector<std::string> shared_folders(const domain::ProjectSpec& spec,
                                                          const std::string& organisation) const;
    /// Moves what only this project sees to its new name or organisation. Idempotent; kConflict when there is data
    /// already.
    [[nodiscard]] Result<void> move_project(const ProjectPlace& from, const ProjectPlace& to);

    /// What can be chosen as the origin's revision; the account that it names is this user's. Takes as long as the
    /// repository takes to answer, half a minute at most.
    [[nodiscard]] Result<GitRevisions> revisions_of(const domain::UserId& user, const domain::GitSource& origin) const;
    /// See read_repository_file(); the account that the origin names is this user's. Takes as long as git does.
    [[nodiscard]] Result<RepositoryFile> read_file(const domain::UserId& user, const domain::GitSource& origin,
                                                   const std::string& path, std::size_t most_bytes) const;

    [[nodiscard]] const std::vector<Storage>& storages() const;

    /// Whether the administrator lets git, NFS and S3 servers be at private addresses.
    [[nodiscard]] bool allows_private_addresses() const;
    /// kDenied for a source that is where none may be. Looks up names, for as long as that takes.
    [[nodiscard]] Result<void> check_address(const domain::Source& source) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::source
