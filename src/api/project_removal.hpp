#pragma once

#include "api/call.hpp"
#include "json/value.hpp"

namespace pintle::api {

/// What goes and what stays, in words, before somebody does what cannot be taken back to the project of {project}:
/// Deletion. Reads the store and the storages.
[[nodiscard]] Result<json::Value> deletion_of(Call& call);
[[nodiscard]] Result<json::Value> reset_of(Call& call);

}  // namespace pintle::api
