#include "engine_container/container_spec.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "engine/shell_script.hpp"

namespace pintle::engine_container {
namespace {

using json::Value;

constexpr const char* kBox = "/run/pintle";
constexpr const char* kScratch = "/scratch";
constexpr std::size_t kHostNameMax = 63;
constexpr std::int64_t kShmDefault = std::int64_t{1} << 30;

Value environment_of(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    Value list = Value::array();
    for (const auto& [name, value] : launch.environment) {
        if (name != "PINTLE_URL") list.push(name + "=" + value);
        else if (around.server_url) list.push(name + "=" + *around.server_url);
    }
    list.push("PINTLE_ATTEMPT=" + launch.id.str());
    return list;
}

Value bind_mount(const std::string& from, const std::string& to, bool read_only) {
    return Value::object({{"Type", "bind"}, {"Source", from}, {"Target", to}, {"ReadOnly", read_only}});
}

bool begins_in_scratch(const engine::ReplicaLaunch& launch, const ImageInfo& image) {
    if (engine::names_its_place(launch.work_dir)) return false;
    return image.work_dir.empty() || image.work_dir == "/";
}

Value mounts_of(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    Value list = Value::array({bind_mount(around.box, kBox, true)});
    if (begins_in_scratch(launch, around.image)) list.push(bind_mount(around.scratch, kScratch, false));
    for (const engine::Mount& mount : launch.mounts)
        list.push(bind_mount(mount.host_path, mount.mount_path, mount.read_only));
    return list;
}

// Names and addresses are settled before the first replica starts, so that no name is unknown to who starts early.
Value hosts_of(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    Value list = Value::array();
    if (!around.is_podman) {
        list.push("host.docker.internal:host-gateway");
        return list;  // Its networks resolve aliases, and take addresses only in subnets that are chosen by hand.
    }
    for (std::size_t i = 0; i < launch.hosts.size(); ++i) {
        if (const auto address = address_in(around.network.subnet, i)) {
            list.push(fmt::format("{}:{}", launch.hosts[i].second, *address));
        }
    }
    return list;
}

Value endpoint_of(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    Value endpoint = Value::object({{"Aliases", Value::array({launch.host_name})}});
    if (!around.is_podman) return endpoint;
    for (std::size_t i = 0; i < launch.hosts.size(); ++i) {
        const auto address = address_in(around.network.subnet, i);
        if (launch.hosts[i].second != launch.host_name || !address) continue;
        endpoint.add("IPAMConfig", Value::object({{"IPv4Address", *address}}));
    }
    return endpoint;
}

Value limit(const char* name, int value) { return Value::object({{"Name", name}, {"Soft", value}, {"Hard", value}}); }

void add_limits(Value& host, const engine::ReplicaLaunch& launch, const Surroundings& around) {
    const std::int64_t memory = launch.limits.memory_bytes;
    if (memory > 0) {
        host.add("Memory", memory);
        host.add("MemorySwap", memory);  // Both together: no swap beside it.
    }
    if (launch.limits.cpu_millis > 0) host.add("NanoCpus", launch.limits.cpu_millis * 1'000'000);
    // Programs that share tensors between processes need more than the usual 64 MB; it counts as memory.
    host.add("ShmSize", memory > 0 ? memory / 2 : kShmDefault);
    if (around.lowered_limits) host.add("Ulimits", Value::array({limit("nofile", 1024), limit("nproc", 1000)}));
}

void add_devices(Value& host, const Surroundings& around) {
    Value uuids = Value::array(), names = Value::array();
    for (const domain::Device& device : around.devices) {
        const bool is_amd = device.vendor == "amd";
        if (is_amd || around.gpu_way == GpuWay::kCdi) {
            names.push(fmt::format("{}.com/gpu={}", is_amd ? "amd" : "nvidia", device.index));
        } else {
            uuids.push(device.uuid.empty() ? fmt::format("{}", device.index) : device.uuid);
        }
    }
    Value requests = Value::array();
    if (uuids.size() > 0) {
        requests.push(Value::object({{"Driver", "nvidia"},
                                     {"DeviceIDs", uuids},
                                     {"Capabilities", Value::array({Value::array({"gpu"})})}}));
    }
    if (names.size() > 0) requests.push(Value::object({{"Driver", "cdi"}, {"DeviceIDs", names}}));
    if (requests.size() > 0) host.add("DeviceRequests", requests);
}

Result<void> check_text(const engine::ReplicaLaunch& launch) {
    const auto good = [](const std::string& text) { return text.find('\0') == std::string::npos; };
    bool fine = good(launch.command) && good(launch.work_dir) && good(launch.image);
    for (const auto& [name, value] : launch.environment) {
        fine = fine && good(name) && good(value) && !name.empty() && name.find('=') == std::string::npos;
    }
    if (fine) return {};
    return fail(ErrorCode::kInvalid, "{} cannot be started: a zero byte or a bad name is in its command or variables",
                launch.id.replica);
}

}  // namespace

std::string Marks::label() const { return "pintle.data=" + data; }

std::string Marks::container(const engine::AttemptId& id) const { return fmt::format("pintle-{}-{}", data, id.str()); }

std::string Marks::network(const domain::JobId& job) const {
    return fmt::format("pintle-{}-{}", data, to_lower(job.str()));
}

std::map<std::string, std::string> Marks::labels(const engine::AttemptId& id) const {
    auto all = labels(id.job);
    all.emplace(kAttemptLabel, id.str());
    return all;
}

std::map<std::string, std::string> Marks::labels(const domain::JobId& job) const {
    return {{"pintle.data", data}, {std::string(kJobLabel), job.str()}};
}

Result<Value> container_spec(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    TRY(check_text(launch));
    Value labels = Value::object();
    for (const auto& [name, value] : around.marks.labels(launch.id)) labels.add(name, value);
    const std::string network = around.marks.network(launch.id.job);

    Value host = Value::object({{"NetworkMode", network},
                                {"Mounts", mounts_of(launch, around)},
                                {"ExtraHosts", hosts_of(launch, around)},
                                // The keeper has the output; the service would keep it without end.
                                {"LogConfig", Value::object({{"Type", "none"}})},
                                // Folders are shared with the server, which has no label for containers.
                                {"SecurityOpt", Value::array({"label=disable"})},
                                // Ours is the first process.
                                {"Init", false}});
    add_limits(host, launch, around);
    add_devices(host, around);

    Value spec = Value::object({{"Image", with_tag(launch.image)},
                                {"Entrypoint", Value::array({fmt::format("{}/init", kBox)})},
                                {"Cmd", Value::array({engine::shell_script(launch.work_dir, launch.command)})},
                                {"Env", environment_of(launch, around)},
                                {"Labels", labels},
                                {"Tty", false},
                                {"HostConfig", host}});
    const std::string short_name = launch.host_name.substr(0, launch.host_name.find('.'));
    if (!short_name.empty() && short_name.size() <= kHostNameMax) spec.add("Hostname", short_name);
    if (engine::names_its_place(launch.work_dir)) spec.add("WorkingDir", "/");
    else if (begins_in_scratch(launch, around.image)) spec.add("WorkingDir", kScratch);
    spec.add("NetworkingConfig",
             Value::object({{"EndpointsConfig", Value::object({{network, endpoint_of(launch, around)}})}}));
    return spec;
}

Value podman_spec(const std::string& name, const Value& spec) {
    const Value& host = spec["HostConfig"];
    Value out = Value::object({{"name", name},
                               {"image", spec["Image"]},
                               {"entrypoint", spec["Entrypoint"]},
                               {"command", spec["Cmd"]},
                               {"labels", spec["Labels"]},
                               {"hostadd", host["ExtraHosts"]},
                               {"log_configuration", Value::object({{"driver", host["LogConfig"]["Type"]}})},
                               {"selinux_opts", Value::array({"disable"})},
                               {"shm_size", host["ShmSize"]},
                               {"netns", Value::object({{"nsmode", "bridge"}})}});
    if (spec.has("Hostname")) out.add("hostname", spec["Hostname"]);
    if (spec.has("WorkingDir")) out.add("work_dir", spec["WorkingDir"]);
    Value environment = Value::object();
    for (const Value& line : spec["Env"].as_array()) {
        const std::string& text = line.as_string();
        const std::size_t equals = text.find('=');
        environment.set(text.substr(0, equals), text.substr(equals + 1));
    }
    out.add("env", environment);
    Value mounts = Value::array();
    for (const Value& mount : host["Mounts"].as_array()) {
        const char* way = mount["ReadOnly"].as_bool() ? "ro" : "rw";
        mounts.push(Value::object({{"type", "bind"},
                                   {"source", mount["Source"]},
                                   {"destination", mount["Target"]},
                                   {"options", Value::array({way, "rbind", "rprivate"})}}));
    }
    out.add("mounts", mounts);
    Value limits = Value::object();
    if (host.has("Memory"))
        limits.add("memory", Value::object({{"limit", host["Memory"]}, {"swap", host["MemorySwap"]}}));
    constexpr std::int64_t kPeriodUs = 100'000;
    if (host.has("NanoCpus")) {
        const std::int64_t quota = host["NanoCpus"].as_int() * kPeriodUs / 1'000'000'000;
        limits.add("cpu", Value::object({{"period", kPeriodUs}, {"quota", quota}}));
    }
    out.add("resource_limits", limits);
    Value process_limits = Value::array();
    for (std::size_t i = 0; i < host["Ulimits"].size(); ++i) {
        const Value& one = host["Ulimits"][i];
        process_limits.push(Value::object({{"type", one["Name"]}, {"soft", one["Soft"]}, {"hard", one["Hard"]}}));
    }
    if (process_limits.size() > 0) out.add("r_limits", process_limits);
    Value devices = Value::array();
    for (std::size_t i = 0; i < host["DeviceRequests"].size(); ++i) {
        for (const Value& id : host["DeviceRequests"][i]["DeviceIDs"].as_array())
            devices.push(Value::object({{"path", id}}));
    }
    out.add("devices", devices);
    Value networks = Value::object();
    for (const auto& member : spec["NetworkingConfig"]["EndpointsConfig"].as_object()) {
        Value network = Value::object({{"aliases", member.value["Aliases"]}});
        const Value& address = member.value["IPAMConfig"]["IPv4Address"];
        if (address.is_string()) network.add("static_ips", Value::array({address}));
        networks.add(member.key, network);
    }
    out.add("Networks", networks);
    return out;
}

std::optional<std::string> address_in(const std::string& subnet, std::size_t index) {
    const std::size_t slash = subnet.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const auto bits = parse_int(std::string_view(subnet).substr(slash + 1));
    const std::vector<std::string> parts = split(subnet.substr(0, slash), '.');
    if (parts.size() != 4 || !bits || *bits < 8 || *bits > 30) return std::nullopt;
    std::uint32_t base = 0;
    for (const std::string& part : parts) {
        const auto byte = parse_int(part);
        if (!byte || *byte < 0 || *byte > 255) return std::nullopt;
        base = base << 8 | static_cast<std::uint32_t>(*byte);
    }
    constexpr std::size_t kFirst = 2;  // Behind the network's own and the gateway's.
    const std::size_t room = (std::size_t{1} << (32 - *bits)) - 1;
    if (index + kFirst >= room) return std::nullopt;
    const std::uint32_t address = base + static_cast<std::uint32_t>(index + kFirst);
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

std::string with_tag(const std::string& image) {
    const std::size_t slash = image.rfind('/');
    const std::string_view last = std::string_view(image).substr(slash == std::string::npos ? 0 : slash + 1);
    const bool given = last.find(':') != std::string_view::npos || image.find('@') != std::string::npos;
    return given ? image : image + ":latest";
}

std::string registry_of(const std::string& image) {
    const std::size_t slash = image.find('/');
    if (slash == std::string::npos) return "docker.io";
    const std::string first = image.substr(0, slash);
    const bool is_host =
        first.find('.') != std::string::npos || first.find(':') != std::string::npos || first == "localhost";
    return is_host ? first : "docker.io";
}

}  // namespace pintle::engine_container
