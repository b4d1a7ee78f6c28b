#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/call.hpp"

namespace pintle::api {

/// The storages as somebody may know of them, with what they may know of what lies there: operators everything;
/// everybody else their group's folders and quotas, the projects that they may know of, and what everybody shares. The
/// figures are of the last measuring; nothing here waits for a storage but the question how much of it is free.
///
/// Threading: any thread but the core's.

/// Those of one's own group and those of all groups; for operators all. In the order of the configuration.
[[nodiscard]] std::vector<source::Storage> known_storages(Call& call);
/// What one may not know of is not there.
[[nodiscard]] Result<source::Storage> find_known_storage(Call& call, const std::string& name);
/// Storage.
[[nodiscard]] json::Value storage_value(Call& call, const source::Storage& storage);
/// StorageFull.
[[nodiscard]] json::Value storage_full_value(Call& call, const source::Storage& storage);
/// SourceUse of each source that lies on a storage.
[[nodiscard]] json::Array source_uses(Call& call);

/// Fails when the source lies on a storage that is not there for its project. What is kept of others is not told.
[[nodiscard]] Result<void> check_storage_of(const Call& call, const domain::Source& source);

}  // namespace pintle::api
