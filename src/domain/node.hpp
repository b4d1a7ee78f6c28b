#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace pintle::domain {

/// A GPU of a node.
struct Device {
    int index = 0;  ///< As the driver counts, from 0.
    std::string model;
    bool healthy = true;
    std::string uuid = {};    ///< Names it for ever, whatever place the driver lists it at.
    std::string vendor = {};  ///< "nvidia", "amd", or as declared.
    std::int64_t memory_bytes = 0;
    std::string fault = {};   ///< Why it is unhealthy, in words.
    bool operator==(const Device&) const = default;
};

/// A machine that executes replicas, as its engine reports it.
struct Node {
    std::string name;
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    std::vector<Device> devices;
    std::map<std::string, std::string> labels;
    bool private_mounts = false;  ///< Sources can appear at their mount paths; else replicas see the host's paths.
    bool private_names = false;   ///< Replicas' names resolve; else their addresses are given.
    int replicas_max = 500;       ///< At once; what the process engine allows, each replica being three processes.
    // What people want to see of it; empty and 0 where it does not tell.
    std::string os = {};         ///< "Debian GNU/Linux 12 (bookworm)"
    std::string kernel = {};     ///< "6.1.0-18-amd64"
    std::string cpu_model = {};  ///< "AMD EPYC 7763 64-Core Processor"
    int cpus = 0;                ///< Logical ones, whether or not replicas may use them.
    Time started_at{};           ///< When the machine was started.
    std::string container_fault = {};  ///< Why no container can be run on it, with a remedy; empty: they can.
    bool operator==(const Node&) const = default;
};

}  // namespace pintle::domain
