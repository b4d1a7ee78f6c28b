#pragma once

#include <cstdint>
#include <vector>

#include "scheduling/ledger.hpp"

namespace pintle::scheduling {

/// What a walk through the future begins with: what is free on every node and what will come back, in flat lists that
/// are copied fast. It is kept in the snapshot and made anew after something has started, ended or changed its place;
/// what waits is no part of it.
struct Present {
    /// A node's part of a bin. Parts of one bin with equally many GPUs free are a list.
    struct Part {
        int bin;
        int node;
        int free;
        int before = -1;
        int after = -1;
    };
    struct Node {
        std::int64_t cpu_millis;
        std::int64_t memory_bytes;
        int replicas;
        int from;  ///< Its parts; the first is that of kAnyBin.
        int to;
    };
    struct Grant {
        std::int64_t cpu_millis;
        std::int64_t memory_bytes;
        int node;
        int replicas;
        int part;  ///< -1: no GPUs.
        int gpus;
    };
    struct Job {
        std::int64_t rank;  ///< Orders those that end at one moment.
        int group;
        int gpus;
        int from;  ///< Its grants.
        int to;
    };
    /// When a running job, the one of the same place in `jobs`, ends.
    struct Run {
        Key started_at;
        std::int64_t median;
        std::int64_t high;
        bool ending;
    };

    std::uint64_t version = 0;  ///< Of the snapshot's running workloads; 0: nothing is known yet.
    std::vector<Node> nodes;
    std::vector<Part> parts;
    std::vector<int> lists;   ///< [list_of(part)] → its first part; -1: none.
    std::vector<int> list_0;  ///< [bin] → its list of parts with no GPU free; those with more follow.
    std::vector<int> free;    ///< [bin]
    std::vector<int> used_by_group;
    std::vector<Job> jobs;  ///< Those whose end is known.
    std::vector<Run> runs;
    std::vector<Grant> grants;
    std::vector<std::vector<int>> cohorts;  ///< [bin] → those whose groups may borrow from it.
    std::vector<int> free_in_cohort;
    std::vector<std::vector<int>> wakes;  ///< [pool] → the pools whose queues its GPUs may help.
};

/// What a walk through the future keeps books in. It is kept in the snapshot for its memory only: taking that anew
/// costs as much as a third of a walk.
struct Walk {
    /// One that waits, with what is asked most about it.
    struct Turn {
        const Waiting* waiting;
        std::int64_t median;  ///< -1: unknown.
        std::int64_t high;
        std::int64_t cpu_millis;
        std::int64_t memory_bytes;
        Key start;  ///< kNever: not known.
        int gpus;
        int group;
        int model;
        bool immediate;
        bool simple;  ///< One replica that may go to any node of its pool.
    };
    struct Line {
        std::vector<Turn> queue;
        std::size_t next = 0;
        bool anywhere = false;  ///< What it waits for may come free on any node.
    };
    struct End {
        Key at;
        int job;  ///< Those that the walk has started follow those that run.
        bool operator<(const End& other) const { return at > other.at; }  // The heap's top is the first.
    };

    std::vector<Line> lines;  ///< [pool], and the last for what needs no GPU.
    std::vector<Present::Node> nodes;
    std::vector<Present::Part> parts;
    std::vector<int> lists;
    std::vector<int> free;
    std::vector<int> free_in_cohort;
    std::vector<int> used_by_group;
    std::vector<Present::Job> jobs;
    std::vector<Present::Grant> grants;
    std::vector<End> ends;  ///< A heap.
    std::vector<int> ended;
    std::vector<char> woken;
};

/// Puts it at the front of the list that its free GPUs tell.
inline void link(std::vector<Present::Part>& parts, std::vector<int>& lists, int list_0, int index) {
    Present::Part& part = parts[static_cast<std::size_t>(index)];
    int& first = lists[static_cast<std::size_t>(list_0 + part.free)];
    part.before = -1;
    part.after = first;
    if (first >= 0) parts[static_cast<std::size_t>(first)].before = index;
    first = index;
}
inline void unlink(std::vector<Present::Part>& parts, std::vector<int>& lists, int list_0, int index) {
    const Present::Part& part = parts[static_cast<std::size_t>(index)];
    if (part.after >= 0) parts[static_cast<std::size_t>(part.after)].before = part.before;
    (part.before >= 0 ? parts[static_cast<std::size_t>(part.before)].after
                      : lists[static_cast<std::size_t>(list_0 + part.free)]) = part.after;
}

}  // namespace pintle::scheduling
