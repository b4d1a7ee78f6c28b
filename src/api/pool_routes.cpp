#include "api/bodies.hpp"
#include "api/cluster.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Result<net::Response> list_pools(Call& call) {
    std::vector<PoolSeen> pools;
    call.services.deps.runtime.ask([&](const core::Core& core) { pools = ClusterView(core, call.identity).pools(); });
    json::Array items;
    for (const PoolSeen& pool : pools) items.push_back(pool_value(pool, call.identity.operates()));
    return json_answer(page_value(std::move(items), ""));
}

struct PoolWithDevices {
    std::optional<PoolSeen> pool;
    std::vector<DeviceSeen> devices;
    std::vector<domain::DeviceKey> missing;
};

PoolWithDevices see_pool(Call& call, const domain::PoolId& id) {
    PoolWithDevices seen;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const ClusterView view(core, call.identity);
        seen = {view.pool(id), view.devices_of(id), view.missing_of(id)};
    });
    return seen;
}

Result<net::Response> pool_answer(Call& call, const domain::PoolId& id, int status) {
    const PoolWithDevices seen = see_pool(call, id);
    if (!seen.pool) return fail(ErrorCode::kNotFound, "the pool has been deleted meanwhile");
    Value value = pool_value(*seen.pool, call.identity.operates());
    Value devices = Value::array();
    for (const DeviceSeen& device : seen.devices) devices.push(device_value(device));
    Value missing = Value::array();
    for (const domain::DeviceKey& key : seen.missing)
        missing.push(Value::object({{"node", key.node}, {"uuid", key.uuid}}));
    value.add("devices", std::move(devices));
    value.add("missing_devices", std::move(missing));
    return json_answer(value, status);
}

Result<net::Response> show_pool(Call& call) {
    return pool_answer(call, TRY(find_known_pool(call, call.param("pool"))).id, 200);
}

// How many of each model there are, and how many could be had now.
Value models_value(const std::vector<DeviceSeen>& devices) {
    std::map<std::string, std::pair<int, int>> models;
    for (const DeviceSeen& seen : devices) {
        auto& [total, free] = models[seen.device.model];
        total += 1;
        free += seen.device.healthy && !seen.in_use ? 1 : 0;
    }
    Value list = Value::array();
    for (const auto& [model, counts] : models)
        list.push(Value::object({{"model", model}, {"total", counts.first}, {"free", counts.second}}));
    return list;
}

Result<net::Response> show_capability(Call& call) {
    PoolWithDevices seen;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const ClusterView view(core, call.identity);
        seen = {view.pool(view.own_pool()), view.devices_of(view.own_pool()), {}};
    });
    if (!seen.pool) return fail(ErrorCode::kNotFound, "your group has no pool");
    const scheduling::PoolUse& use = seen.pool->use;
    return json_answer(
        Value::object({{"pool", named_value(seen.pool->pool.id.str(), seen.pool->pool.name)},
                       {"total", use.total},
                       {"free", use.free},
                       {"models", models_value(seen.devices)},
                       {"text", fmt::format("{} of {} free in your pool", use.free, use.total)}}));
}

Result<core::input::SavePool> read_pool(const net::Request& request) {
    core::input::SavePool pool;
    TRY(read_body(request, [&](json::Reader& body) {
        pool.name = body.text("name");
        pool.model = body.text("model");
        if (const auto gpus = body.integer("gpus", 0, 1'000'000)) pool.gpus = static_cast<int>(*gpus);
        if (!body.value().has("devices")) return;
        pool.devices.emplace();
        for (json::Reader& device : body.list("devices")) {
            std::string node = device.text("node", json::kRequired);
            pool.devices->push_back({std::move(node), device.text("uuid", json::kRequired)});
            device.finish();
        }
    }));
    return pool;
}

void create_pool(const CallPtr& call) {
    auto pool = read_pool(call->request);
    if (!pool) return call->answer(fail(pool.error()));
    pool->id = domain::PoolId(call->services.deps.runtime.make_id());
    pool->create = true;
    command(call, std::move(*pool),
            [](Call& later, const std::string& id) { return pool_answer(later, domain::PoolId(id), 201); });
}

Result<core::InputBody> read_edit(Call& call) {
    const domain::PoolId id = TRY(find_known_pool(call, call.param("pool"))).id;
    core::input::SavePool pool = TRY(read_pool(call.request));
    pool.id = id;
    return core::InputBody(std::move(pool));
}

void edit_pool(const CallPtr& call) {
    auto edit = read_edit(*call);
    if (!edit) return call->answer(fail(edit.error()));
    command(call, std::move(*edit),
            [](Call& later, const std::string& id) { return pool_answer(later, domain::PoolId(id), 200); });
}

void delete_pool(const CallPtr& call) {
    const auto pool = find_known_pool(*call, call->param("pool"));
    if (!pool) return call->answer(fail(pool.error()));
    command(call, core::input::DeletePool{pool->id},
            [name = pool->name](Call&, const std::string&) -> Result<net::Response> {
                return json_answer(Value::object({{"deleted", name}}));
            });
}

}  // namespace

std::vector<Route> pool_routes() {
    return {
        {.method = "GET",
         .path = "/pools",
         .operation = "listPools",
         .permission = Permission::kSeeServer,
         .handler = list_pools,
         .summary = "pools of GPUs: that of one's own group, for operators all",
         .answer = {200, "[Pool]"}},
        {.method = "POST",
         .path = "/pools",
         .operation = "createPool",
         .permission = Permission::kOperate,
         .handler = create_pool,
         .summary = "make a pool, with GPUs of one model from the Default Pool, by number or by name",
         .body = {BodyShape::Kind::kJson, "NewPool"},
         .answer = {201, "PoolFull"}},
        {.method = "GET",
         .path = "/pools/{pool}",
         .operation = "showPool",
         .permission = Permission::kSeeServer,
         .handler = show_pool,
         .summary = "a pool with its GPUs",
         .answer = {200, "PoolFull"}},
        {.method = "PATCH",
         .path = "/pools/{pool}",
         .operation = "editPool",
         .permission = Permission::kOperate,
         .handler = edit_pool,
         .summary = "rename a pool, or say how many GPUs or which it is to have",
         .body = {BodyShape::Kind::kJson, "PoolEdit"},
         .answer = {200, "PoolFull"}},
        {.method = "DELETE",
         .path = "/pools/{pool}",
         .operation = "deletePool",
         .permission = Permission::kOperate,
         .handler = delete_pool,
         .summary = "delete a pool that no group has; its GPUs go back to the Default Pool",
         .answer = {200, "Deleted"}},
        {.method = "GET",
         .path = "/capability",
         .operation = "showCapability",
         .permission = Permission::kSeeServer,
         .handler = show_capability,
         .summary = "how many GPUs there are in the pool of one's own group, and how many are free",
         .answer = {200, "Capability"}},
    };
}

}  // namespace pintle::api
