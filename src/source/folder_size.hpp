#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"

namespace pintle::source {

/// What a folder takes on its disk.
struct FolderSize {
    std::int64_t bytes = 0;   ///< Of blocks, as du counts: a sparse file is as large as what is in it.
    std::int64_t files = 0;   ///< Whatever is no folder.
    bool is_complete = true;  ///< False: something in it could not be looked at, so there is more.
    bool operator==(const FolderSize&) const = default;
};

/// Asked after every few hundred entries; false gives up. It may sleep, so that others get at the disk.
using Pace = std::function<bool()>;

/// Counts everything below `folder` of `root`. Links are not followed and what is mounted below is left out; a file
/// with several names in the folder counts once. What vanishes meanwhile is not counted.
///
/// Threading: any thread; takes as long as there are files, at constant memory but for files with several names.
/// Failure: kNotFound when the folder is not there, kCancelled when given up, kDenied for a folder beyond the root.
[[nodiscard]] Result<FolderSize> measure_folder(const std::string& root, const std::string& folder, const Pace& pace);

/// The same for the files that lie in the folder itself, without its folders.
[[nodiscard]] Result<FolderSize> measure_loose_files(const std::string& root, const std::string& folder,
                                                     const Pace& pace);

}  // namespace pintle::source
