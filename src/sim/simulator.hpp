#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace pintle::sim {

struct SimOptions {
    std::uint64_t seed = 1;
    int steps = 1000;
    std::string folder;  ///< For the database; empty: a temporary one.
    bool deletions = true;  ///< Without them, runs of tests that were found before there were any stay what they are.
};

/// What a run did; equal seeds and steps give equal reports.
struct SimReport {
    int jobs = 0;
    int complete = 0, error = 0, stopped = 0;
    int crashes = 0;         ///< Of the server, at a commit or between two.
    int failed_commits = 0;  ///< A full disk.
    int commands_refused = 0;
    int node_faults = 0;     ///< Devices that failed or recovered, nodes that vanished or came back.
    int requeues = 0;        ///< Jobs that gave borrowed GPUs back.
    int projects_deleted = 0;
    std::uint64_t hash = 0;  ///< Over every state on the way.
    bool operator==(const SimReport&) const = default;
};

/// Runs the real core, the real shell and the real store, on a file, against a simulated engine, clock and users,
/// with faults: the server dies at a commit (before or after it is on disk) or between two, the disk is full,
/// observations are lost, late or doubled, replicas and preparations fail, devices fail, nodes vanish and return, and
/// people come, go, and change groups, pools and the queue as they please. After every step the promises are checked:
///
///   P1  what was acknowledged is on disk, whatever happened afterwards
///   P2  an accepted job reaches exactly one final state, and in the end every job has
///   P4  a job's replicas start together or not at all; nothing runs of a job that has ended
///   P5  after a crash running replicas are found again and none is started twice
///   P6  recovery loads the live jobs and no others
///   P7  replaying a job's events gives the job that is stored; a reloaded core equals the one before
///   P8  a full disk changes nothing that was promised
///
/// and no device, address block or capacity is ever given to two (P3), and the pools add up to the cluster. An error
/// says which promise broke, after which step, and how to run it again.
[[nodiscard]] Result<SimReport> simulate(const SimOptions& options);

}  // namespace pintle::sim
