#include "api/prometheus.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

#include "api/cluster.hpp"
#include "api/routes.hpp"
#include "api/services.hpp"
#include "base/text.hpp"
#include "metrics/exposition.hpp"
#include "os/file.hpp"

namespace pintle::api {
namespace {

using Kind = metrics::Exposition::Kind;
using Labels = metrics::Exposition::Labels;

/// What the core tells at one moment.
struct Seen {
    std::vector<NodeSeen> nodes;
    std::vector<PoolSeen> pools;
    std::map<std::pair<std::string, std::string>, int> waiting;  ///< By pool and reason.
    std::map<std::string, int> running;
    std::size_t live_jobs = 0;
    double waited_seconds = 0;  ///< Until the core had time for the question.
};

constexpr std::size_t kWaitingMost = 20'000;  // Of one pool, that are asked why they wait.

std::string_view reason_of(const core::Core& core, const domain::JobId& id) {
    const auto job = core.find_job(id);
    if (job == nullptr) return "turn";
    if (job->hold) return "held";
    return job->state == domain::JobState::kWaitingForGpus ? "gpus" : "turn";
}

Seen see(Services& services, const auth::Identity& identity) {
    Seen seen;
    const auto asked = std::chrono::steady_clock::now();
    services.deps.runtime.ask([&](const core::Core& core) {
        seen.waited_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - asked).count();
        const ClusterView view(core, identity);
        seen.nodes = view.nodes();
        seen.pools = view.pools();
        seen.live_jobs = core.live_jobs();
        for (const PoolSeen& pool : seen.pools) {
            for (const char* reason : {"turn", "gpus", "held"}) seen.waiting[{pool.pool.name, reason}] = 0;
            for (const domain::JobId& id : core.snapshot().queue_of(pool.pool.id, kWaitingMost))
                ++seen.waiting[{pool.pool.name, std::string(reason_of(core, id))}];
        }
    });
    return seen;
}

double memory_of_server() {
    const auto statm = os::read_file("/proc/self/statm", 4096);
    const std::vector<std::string> words = statm ? split(trim(*statm), ' ') : std::vector<std::string>();
    if (words.size() < 2) return 0;
    return static_cast<double>(parse_int(words[1]).value_or(0) * ::sysconf(_SC_PAGESIZE));
}

void tell_server(metrics::Exposition& out, Services& services, const Seen& seen) {
    out.family("pintle_build_info", "The version that runs, with the value 1");
    out.sample(1, {{"version", services.options.version}});
    out.family("process_start_time_seconds", "When the server was started, in seconds since the epoch");
    out.sample(static_cast<double>(to_ms(services.started_at)) / 1000);
    out.family("process_resident_memory_bytes", "Memory that the server holds");
    out.sample(memory_of_server());
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    out.family("process_cpu_seconds_total", "Processor time that the server has used", Kind::kCounter);
    out.sample(seconds(used.ru_utime) + seconds(used.ru_stime));
    out.family("process_open_fds", "Files that the server has open");
    out.sample(static_cast<double>(os::list_folder("/proc/self/fd").value_or(std::vector<std::string>()).size()));
    out.family("pintle_http_requests_total", "Requests to the API since the start", Kind::kCounter);
    out.sample(static_cast<double>(services.requests.load()));
    out.family("pintle_core_wait_seconds", "How long a question waited just now for the thread that decides");
    out.sample(seen.waited_seconds);
    out.family("pintle_live_jobs", "Jobs that have not ended");
    out.sample(static_cast<double>(seen.live_jobs));
}

void tell_jobs(metrics::Exposition& out, const store::StateCounts& counts) {
    out.family("pintle_jobs", "Jobs that are there, by their state");
    for (int i = 0; i < domain::kJobStateCount; ++i) {
        const auto state = static_cast<domain::JobState>(i);
        const auto found = counts.find(state);
        out.sample(found == counts.end() ? 0 : static_cast<double>(found->second),
                   {{"state", std::string(domain::to_string(state))}});
    }
}

void tell_pools(metrics::Exposition& out, const Seen& seen) {
    out.family("pintle_queue_jobs",
               "Jobs that wait in the queue of a pool: for their turn, for GPUs, or because they are held");
    for (const auto& [key, count] : seen.waiting) out.sample(count, {{"pool", key.first}, {"reason", key.second}});
    out.family("pintle_pool_gpus", "GPUs of a pool, by what they are doing");
    for (const PoolSeen& pool : seen.pools) {
        out.sample(pool.use.used, {{"pool", pool.pool.name}, {"state", "used"}});
        out.sample(pool.use.free, {{"pool", pool.pool.name}, {"state", "free"}});
        out.sample(pool.use.unhealthy, {{"pool", pool.pool.name}, {"state", "unhealthy"}});
    }
}

/// The names of a machine's measured values on /metrics.
struct Name {
    const char* ours;
    const char* theirs;
    const char* help;
    double factor;
};
constexpr Name kOfNodes[] = {
    {"cpu_percent", "pintle_node_cpu_percent", "Processors in use, 100 being one of them", 1},
    {"memory_mb", "pintle_node_memory_used_bytes", "Memory in use, without cached files", 1e6},
    {"network_receive_bytes_per_s", "pintle_node_network_receive_bytes_per_second", "Bytes that came over the network",
     1},
    {"network_send_bytes_per_s", "pintle_node_network_transmit_bytes_per_second", "Bytes that went over the network",
     1},
    {"disk_read_bytes_per_s", "pintle_node_disk_read_bytes_per_second", "Bytes read from disks", 1},
    {"disk_write_bytes_per_s", "pintle_node_disk_written_bytes_per_second", "Bytes written to disks", 1},
};

void tell_nodes(metrics::Exposition& out, const Seen& seen,
                const std::map<std::string, runtime::Sampler::Machine>& machines) {
    for (const Name& name : kOfNodes) {
        out.family(name.theirs, name.help);
        for (const auto& [node, machine] : machines) {
            for (const auto& [metric, value] : machine.measured) {
                if (metric == name.ours) out.sample(value * name.factor, {{"node", node}});
            }
        }
    }
    out.family("pintle_node_memory_bytes", "Memory that a node has for replicas");
    for (const NodeSeen& node : seen.nodes)
        out.sample(static_cast<double>(node.node.memory_bytes), {{"node", node.node.name}});
    out.family("pintle_node_cpus", "Processors that a node has for replicas");
    for (const NodeSeen& node : seen.nodes)
        out.sample(static_cast<double>(node.node.cpu_millis) / 1000, {{"node", node.node.name}});
    out.family("pintle_node_replicas", "Replicas that hold resources of a node");
    for (const NodeSeen& node : seen.nodes) out.sample(node.use.replicas, {{"node", node.node.name}});
}

/// Calls `each` with every GPU and what was measured of it.
template <class Each>
void for_gpus(const Seen& seen, const std::map<std::string, runtime::Sampler::Machine>& machines, const Each& each) {
    for (const NodeSeen& node : seen.nodes) {
        const auto machine = machines.find(node.node.name);
        for (const DeviceSeen& device : node.devices) {
            const engine::DeviceUsage* found = nullptr;
            if (machine != machines.end()) {
                for (const engine::DeviceUsage& used : machine->second.devices) {
                    if (used.uuid == device.device.uuid) found = &used;
                }
            }
            each(device, found);
        }
    }
}

Labels labels_of(const DeviceSeen& device) {
    return {{"gpu", fmt::format("{}", device.device.index)},
            {"UUID", device.device.uuid},
            {"modelName", device.device.model},
            {"Hostname", device.node},
            {"pool", device.pool},
            {"job", device.job_name}};
}

// As NVIDIA's exporter names and counts them, for GPUs of every make.
void tell_gpus(metrics::Exposition& out, const Seen& seen,
               const std::map<std::string, runtime::Sampler::Machine>& machines) {
    constexpr double kMebibyte = 1024.0 * 1024.0;
    const auto tell = [&](const char* name, const char* help, const auto& value_of) {
        out.family(name, help);
        for_gpus(seen, machines, [&](const DeviceSeen& device, const engine::DeviceUsage* used) {
            const std::optional<double> value = used != nullptr ? value_of(*used) : std::nullopt;
            if (value) out.sample(*value, labels_of(device));
        });
    };
    tell("DCGM_FI_DEV_GPU_UTIL", "GPU utilization (in %).",
         [](const engine::DeviceUsage& used) { return used.busy_percent; });
    tell("DCGM_FI_DEV_FB_USED", "Framebuffer memory used (in MiB).", [](const engine::DeviceUsage& used) {
        return used.memory_bytes ? std::optional(static_cast<double>(*used.memory_bytes) / kMebibyte) : std::nullopt;
    });
    tell("DCGM_FI_DEV_POWER_USAGE", "Power draw (in W).",
         [](const engine::DeviceUsage& used) { return used.power_watts; });
    tell("DCGM_FI_DEV_GPU_TEMP", "GPU temperature (in C).",
         [](const engine::DeviceUsage& used) { return used.temperature_celsius; });
    out.family("pintle_gpu_healthy", "Whether a GPU can be used");
    for_gpus(seen, machines, [&](const DeviceSeen& device, const engine::DeviceUsage*) {
        out.sample(device.device.healthy ? 1 : 0, labels_of(device));
    });
}

Result<net::Response> prometheus(Call& call) {
    return text_answer(TRY(prometheus_text(call.services, call.identity)), metrics::Exposition::kContentType);
}

}  // namespace

Result<std::string> prometheus_text(Services& services, const auth::Identity& identity) {
    store::Viewer everybody;
    everybody.scope = store::Viewer::Scope::kEvery;
    const auto counts =
        TRY(services.deps.readers.with([&](store::StoreReader& reader) { return reader.count_jobs(everybody); }));
    const Seen seen = see(services, identity);
    const auto machines = services.deps.runtime.sampler().machines();
    metrics::Exposition out;
    tell_server(out, services, seen);
    tell_jobs(out, counts);
    tell_pools(out, seen);
    tell_nodes(out, seen, machines);
    tell_gpus(out, seen, machines);
    return out.text();
}

std::vector<Route> prometheus_routes() {
    return {
        {.method = "GET",
         .path = "/server/metrics",
         .operation = "serverMetrics",
         .permission = auth::Permission::kOperate,
         .handler = prometheus,
         .summary = "the server, its queue, its machines and their GPUs in Prometheus' text format; also at /metrics, "
                    "outside of /api/v1",
         .answer = {200, "", AnswerShape::Media::kText}},
    };
}

}  // namespace pintle::api
