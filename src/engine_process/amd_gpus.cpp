#include "engine_process/amd_gpus.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.hpp"
#include "engine_process/gpu_model.hpp"
#include "engine_process/machine_files.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::uint64_t kAmdVendor = 0x1002;

std::uint64_t number(std::string_view digits, int base) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return value;
}

/// A node of the compute driver's topology: the lines "name value" of its properties.
struct TopologyNode {
    std::string properties;
    [[nodiscard]] std::uint64_t operator[](std::string_view name) const {
        return number(line_value(properties, name, ' '), 10);
    }
};

/// In the order in which ROCm counts. Processors have no SIMD units; what another container holds cannot be read.
std::vector<TopologyNode> gpu_nodes(const std::string& root) {
    const std::string folder = root + "/sys/class/kfd/kfd/topology/nodes";
    std::vector<std::int64_t> numbers;
    for (const std::string& name : machine_names(folder)) {
        if (const auto node = parse_int(name)) numbers.push_back(*node);
    }
    std::sort(numbers.begin(), numbers.end());
    std::vector<TopologyNode> nodes;
    for (const std::int64_t node : numbers) {
        TopologyNode read{machine_text(fmt::format("{}/{}/properties", folder, node))};
        if (read["simd_count"] > 0 && read["vendor_id"] == kAmdVendor) nodes.push_back(std::move(read));
    }
    return nodes;
}

std::string pci_address(const TopologyNode& node) {
    const std::uint64_t location = node["location_id"];
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", node["domain"], location >> 8U & 0xffU, location >> 3U & 0x1fU,
                       location & 7U);
}

/// The card's own folder, which knows more; empty when there is none.
std::string card_folder(const std::string& root, const TopologyNode& node) {
    const std::string folder = root + "/sys/class/drm";
    const std::string render = fmt::format("{}/renderD{}/device", folder, node["drm_render_minor"]);
    if (machine_text(render + "/vendor") == "0x1002") return render;
    // Without a render node the card is found by its address, which the kernel writes into uevent.
    for (const std::string& name : machine_names(folder)) {
        const std::string card = fmt::format("{}/{}/device", folder, name);
        if (!name.starts_with("card") || machine_text(card + "/vendor") != "0x1002") continue;
        if (line_value(machine_text(card + "/uevent"), "PCI_SLOT_NAME", '=') == pci_address(node)) return card;
    }
    return {};
}

std::string uuid_of(const TopologyNode& node, const std::string& card) {
    std::uint64_t unique = node["unique_id"];
    if (unique == 0 && !card.empty()) unique = number(machine_text(card + "/unique_id"), 16);
    return unique != 0 ? fmt::format("GPU-{:016x}", unique) : pci_address(node);
}

std::string fault_of(const std::string& card) {
    const std::int64_t errors = parse_int(line_value(machine_text(card + "/ras/umc_err_count"), "ue", ':')).value_or(0);
    if (errors <= 0) return {};
    return fmt::format("{} could not be corrected since the driver was loaded", count_of(errors, "memory error"));
}

/// A GPU and where the kernel tells of it.
struct Found {
    TopologyNode node;
    std::string card;
    std::string uuid;
};

std::vector<Found> find(const std::string& root) {
    std::vector<Found> found;
    for (TopologyNode& node : gpu_nodes(root)) {
        const std::string card = card_folder(root, node);
        std::string uuid = uuid_of(node, card);
        // The parts of a chip that was divided share its number.
        const bool is_part =
            std::any_of(found.begin(), found.end(), [&](const Found& other) { return other.uuid == uuid; });
        if (is_part) uuid += fmt::format("-{}", node["drm_render_minor"]);
        found.push_back({std::move(node), card, std::move(uuid)});
    }
    return found;
}

/// The first of these files, in the folder of the card's sensors, that has a number; in `unit`s.
std::optional<double> sensor(const std::string& card, std::initializer_list<const char*> names, double unit) {
    for (const std::string& folder : machine_names(card + "/hwmon")) {
        for (const char* name : names) {
            const auto value = parse_int(machine_text(fmt::format("{}/hwmon/{}/{}", card, folder, name)));
            if (value) return static_cast<double>(*value) / unit;
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<engine::DeviceUsage> amd_gpu_usage(const std::string& root) {
    std::vector<engine::DeviceUsage> all;
    for (const Found& gpu : find(root)) {
        if (gpu.card.empty()) continue;
        engine::DeviceUsage used;
        used.uuid = gpu.uuid;
        used.busy_percent = parse_int(machine_text(gpu.card + "/gpu_busy_percent"));
        used.memory_bytes = parse_int(machine_text(gpu.card + "/mem_info_vram_used"));
        used.power_watts = sensor(gpu.card, {"power1_average", "power1_input"}, 1e6);
        used.temperature_celsius = sensor(gpu.card, {"temp1_input"}, 1e3);
        all.push_back(std::move(used));
    }
    return all;
}

std::vector<domain::Device> find_amd_gpus(const std::string& root) {
    std::vector<domain::Device> gpus;
    for (const auto& [node, card, uuid] : find(root)) {
        domain::Device gpu;
        gpu.index = static_cast<int>(gpus.size());
        gpu.vendor = "amd";
        gpu.uuid = uuid;
        std::string name = card.empty() ? "" : machine_text(card + "/product_name");
        gpu.model = gpu_model(name, fmt::format("AMD GPU {:04x}", node["device_id"]));
        if (!card.empty()) {
            gpu.memory_bytes = parse_int(machine_text(card + "/mem_info_vram_total")).value_or(0);
            gpu.fault = fault_of(card);
        }
        gpu.healthy = gpu.fault.empty();
        gpus.push_back(std::move(gpu));
    }
    return gpus;
}

}  // namespace pintle::engine_process
