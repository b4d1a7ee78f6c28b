#pragma once

#include <string>

#include "base/result.hpp"

namespace pintle::server {

/// The folder for what the process engine knows of attempts that run: DATA/run. For root it is a link to a folder in
/// memory (/run or /dev/shm, whichever is a tmpfs), because the engine makes and removes several small files for each
/// replica, and disk file systems are slow at that. A restart of the machine empties it, and ends every replica that
/// it speaks of as well (docs/adr/0007-run-folder-in-memory.md). The replicas' scratch folders stay on the disk.
///
/// Returns where it really is. Makes what is missing; a folder that holds attempts is never moved.
[[nodiscard]] Result<std::string> open_run_folder(const std::string& data);

}  // namespace pintle::server
