#pragma once

#include <set>
#include <string>

#include "base/time.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/sample_store.hpp"

namespace pintle::runtime {

/// Removes what was sampled before that time: of nodes, and of jobs that run, whose folders of samples are in `live`,
/// as far as it is older; of jobs that have ended all at once, when the youngest of it is.
///
/// Threading: any thread; blocks on the disk. Failure: what cannot be removed stays for the next time.
void drop_old_samples(const DataFolder& data, SampleStore& store, Time before, const std::set<std::string>& live);

}  // namespace pintle::runtime
