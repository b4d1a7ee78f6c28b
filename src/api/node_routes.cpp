#include "api/cluster.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Result<net::Response> list_nodes(Call& call) {
    json::Array items;
    for (const NodeSeen& node : see_nodes(call)) items.push_back(node_value(node));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_node(Call& call) {
    const std::string& name = call.param("node");
    std::optional<NodeSeen> node;
    call.services.deps.runtime.ask([&](const core::Core& core) { node = ClusterView(core, call.identity).node(name); });
    if (node) return json_answer(node_value(*node));
    return fail(ErrorCode::kNotFound, "there is no node \"{}\"", to_valid_utf8(name.substr(0, 100)));
}

Result<net::Response> list_devices(Call& call) {
    std::vector<DeviceSeen> devices;
    if (call.has_query("pool")) {
        const domain::Pool pool = TRY(find_known_pool(call, call.query("pool")));
        call.services.deps.runtime.ask(
            [&](const core::Core& core) { devices = ClusterView(core, call.identity).devices_of(pool.id); });
    } else {
        for (NodeSeen& node : see_nodes(call)) {
            for (DeviceSeen& device : node.devices) devices.push_back(std::move(device));
        }
    }
    json::Array items;
    for (const DeviceSeen& device : devices) items.push_back(device_value(device));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_device(Call& call) {
    const std::string& name = call.param("device");
    std::vector<DeviceSeen> found;
    call.services.deps.runtime.ask(
        [&](const core::Core& core) { found = ClusterView(core, call.identity).devices_named(name); });
    const std::string shown = to_valid_utf8(name.substr(0, 200));
    if (found.size() > 1)
        return fail(ErrorCode::kConflict, "several nodes have a GPU \"{}\"; say which as NODE/UUID", shown);
    if (found.empty())
        return fail(ErrorCode::kNotFound, "there is no GPU \"{}\"; a GPU is named by its UUID or as NODE/UUID", shown);
    return json_answer(device_value(found.front()));
}

}  // namespace

std::vector<Route> node_routes() {
    return {
        {.method = "GET",
         .path = "/nodes",
         .operation = "listNodes",
         .permission = Permission::kSeeServer,
         .handler = list_nodes,
         .summary = "the machines and how full they are",
         .answer = {200, "[Node]"}},
        {.method = "GET",
         .path = "/nodes/{node}",
         .operation = "showNode",
         .permission = Permission::kSeeServer,
         .handler = show_node,
         .summary = "one machine",
         .answer = {200, "Node"}},
        {.method = "GET",
         .path = "/devices",
         .operation = "listDevices",
         .permission = Permission::kSeeServer,
         .handler = list_devices,
         .summary = "the GPUs of all machines: what they are, whether they work, who uses them",
         .query = {{"pool", "Only of this pool, by name or id."}},
         .answer = {200, "[Device]"}},
        {.method = "GET",
         .path = "/devices/{device}",
         .operation = "showDevice",
         .permission = Permission::kSeeServer,
         .handler = show_device,
         .summary = "one GPU",
         .answer = {200, "Device"}},
    };
}

}  // namespace pintle::api
