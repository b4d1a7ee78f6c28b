#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace pintle::engine_process {

/// What is at a path of the host.
enum class PathKind { kAbsent, kFolder, kOther };
using LookAt = std::function<PathKind(const std::string&)>;

/// How mounts are to be made so that the host's disk stays as it is. A mount point that the host lacks needs a
/// stand-in for the folder it would be in: a small folder in memory that shows the entries of the real one and has
/// room for more.
struct MountPlan {
    std::vector<std::string> stand_ins;    ///< Folders to stand in for, outermost first. "/" means a new root.
    std::vector<std::string> new_folders;  ///< Mount points to make within stand-ins, in order.
    std::vector<engine::Mount> mounts;     ///< Outermost first.
    bool operator==(const MountPlan&) const = default;
};

/// Pure, except for `look_at`. kInvalid with a sentence for the user when a mount cannot be made.
[[nodiscard]] Result<MountPlan> plan_mounts(std::vector<engine::Mount> mounts, const LookAt& look_at);

/// The path without empty and "." parts; nothing unless it is absolute and free of "..".
[[nodiscard]] std::optional<std::string> plain_path(std::string_view path);

}  // namespace pintle::engine_process
