#pragma once

#include <set>
#include <string>
#include <vector>

#include "domain/job.hpp"

namespace pintle::domain {

/// The folder that is counted as one, of a folder of a storage: "org/GROUP/NAME" (a project's, or one that a group has
/// in common), "shared/NAME" (everybody's). A path that is no deeper than these is itself.
[[nodiscard]] std::string counted_folder(const std::string& folder);
/// The group's id of "org/GROUP" and all below it; empty for other folders.
[[nodiscard]] std::string group_of_folder(const std::string& folder);
/// The last part of "org/GROUP/NAME" or "shared/NAME"; empty for other folders.
[[nodiscard]] std::string name_of_folder(const std::string& folder);

/// A folder of a storage that a job may write to.
struct WrittenFolder {
    std::string source;
    std::string storage;
    std::string folder;  ///< Of the storage, as in sub_path.hpp.
    bool is_private = false;  ///< The project's own, so that its quota holds.
    bool operator==(const WrittenFolder&) const = default;
};
/// What the job's resources mount otherwise than read-only. `local` are the storages of one group. What could not be
/// mounted is left out: it is refused elsewhere.
[[nodiscard]] std::vector<WrittenFolder> written_folders(const JobSpec& job, const std::set<std::string>& local);

}  // namespace pintle::domain
