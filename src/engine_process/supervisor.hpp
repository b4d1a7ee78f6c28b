#pragma once

#include <string>

namespace pintle::engine_process {

/// Runs one attempt from its beginning to its end and records how it ended: the whole life of a supervisor process.
/// Outlives the server; hears of a stop by SIGTERM, which makes it look at the attempt's `stop` file. Every process
/// that the replica started ends with it, also those that left its session.
///
/// For a process with one thread of which this is all it does, with its signals blocked by
/// block_supervisor_signals() before it was forked, so that none is missed. Returns its exit status; failures of the
/// attempt are in its exit report.
[[nodiscard]] int run_supervisor(const std::string& run_folder, const std::string& id);

void block_supervisor_signals();

}  // namespace pintle::engine_process
