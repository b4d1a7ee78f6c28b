#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/data_folder.hpp"

namespace pintle::runtime {

/// Where a replica finds the files of the form that started its job, when it has a view of the files of its own.
[[nodiscard]] std::string form_mount_path(const std::string& default_mount_path);

/// The files that are uploaded with a form. They wait in the project's folder `staging` until the form is built, and
/// are then the job's own, by hard links, so that a job that is built from another's values has its own too:
///
///     files/PROJECT/staging/ID/NAME
///     files/PROJECT/JOB/ID/NAME
///
/// Threading: any thread; blocks on the disk. Ownership: a value over the data folder.
/// Failure: kNotFound for a file that was not uploaded, or is gone; kExhausted when too much waits.
class FormFiles {
public:
    static constexpr std::size_t kStagedMost = 200;               ///< Files of one project that wait to be built.
    static constexpr Duration kStagedFor = std::chrono::hours(24);  ///< Then they are removed.

    explicit FormFiles(const DataFolder& data) : root_(data.file("files")) {}

    /// Keeps the content under the new id. What has waited for too long before `now` goes.
    [[nodiscard]] Result<void> stage(const domain::ProjectId& project, const std::string& id, const std::string& name,
                                     std::string_view content, Time now) const;
    /// The file's name, of those that wait, else of those of the job `from`, which may be empty.
    [[nodiscard]] Result<std::string> name_of(const domain::ProjectId& project, const std::string& id,
                                              const domain::JobId& from) const;
    /// Makes the files the job's. Idempotent.
    [[nodiscard]] Result<void> give(const domain::ProjectId& project, const std::vector<std::string>& ids,
                                    const domain::JobId& from, const domain::JobId& to) const;

    [[nodiscard]] std::string folder(const domain::ProjectId& project, const domain::JobId& job) const;
    [[nodiscard]] Result<void> remove(const domain::ProjectId& project) const;
    [[nodiscard]] Result<void> remove(const domain::ProjectId& project, const domain::JobId& job) const;

private:
    [[nodiscard]] std::string staging(const domain::ProjectId& project) const;
    [[nodiscard]] Result<std::string> find(const domain::ProjectId& project, const std::string& id,
                                           const domain::JobId& from) const;

    std::string root_;
};

}  // namespace pintle::runtime
