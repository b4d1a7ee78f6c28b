#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine_process/launch_plan.hpp"
#include "os/unique_fd.hpp"

namespace pintle::engine_process {

/// Hides folders from a replica: over each lies an empty folder in memory that only shows what the replica needs.
///
/// In order: open_kept(), while everything can be seen; put(), prepare_place() for every mount point that may lie in a
/// hidden folder, and finish(). For a process with mounts of its own and one thread. Failure: Results; the
/// process must then end, for it may be half covered.
class Cover {
public:
    /// Remembers what is to be shown again.
    [[nodiscard]] Result<void> open_kept(const std::vector<KeptFolder>& kept);
    /// Covers those of the folders, and of the files, that there are.
    [[nodiscard]] Result<void> put(const std::vector<std::string>& hidden);
    /// Makes the folder if it would lie in a covered one; says whether it does.
    [[nodiscard]] Result<bool> prepare_place(const std::string& path);
    /// Shows what was kept at its old places; afterwards nothing can be made in the covers.
    [[nodiscard]] Result<void> finish();

private:
    struct Kept {
        os::UniqueFd origin;
        std::vector<std::string> places;  ///< Its path as it was given and, if that differs, without links.
        bool read_only = false;
    };
    std::vector<Kept> kept_;
    std::vector<std::string> covers_;
    std::vector<dev_t> devices_;  ///< Of the covers.
};

}  // namespace pintle::engine_process
