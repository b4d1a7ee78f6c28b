#include <algorithm>

#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// Pools: which GPUs they have, and what becomes of these.

namespace pintle::core::scenario {

using namespace domain;

namespace {

Result<void> add_pool(World& world, const std::string& name, std::optional<int> gpus,
    std::optional<std::string> model) {
    input::SavePool command;
    command.id = PoolId(world.new_id());
    command.create = true;
    command.name = name;
    command.gpus = gpus;
    command.model = std::move(model);
    world.command(command, "operator");
    return {};
}

Result<input::SavePool> change_of_pool(const World& world, const std::string& pool) {
    input::SavePool command;
    command.id = TRY(world.pool(pool)).id;
    return command;
}

// "GPU 0 of n1 and GPU 1 of n2"
Result<std::vector<DeviceKey>> devices_of(const World& world, const Tokens& tokens) {
    static const StepPattern kDevice("GPU {n} of {name}");
    std::vector<DeviceKey> devices;
    for (const Tokens& part : list_of(tokens)) {
        const auto arguments = kDevice.match(part);
        if (!arguments) {
            return fail(ErrorCode::kInvalid, "expected GPUs such as \"GPU 0 of n1 and GPU 1 of n1\", got \"{}\"",
                in_words(part));
        }
        devices.push_back(world.device(arguments->text(1),
            arguments->number(0)).value_or(DeviceKey{arguments->text(1),
            fmt::format("{}-{}", arguments->text(1), arguments->number(0))}));
    }
    return devices;
}

Result<void> set_devices(World& world, const std::string& pool, const Tokens& tokens) {
    input::SavePool command = TRY(change_of_pool(world, pool));
    command.devices = TRY(devices_of(world, tokens));
    world.command(command, "operator");
    return {};
}

/// What may be said of a pool: "2 GPUs, 1 in use, 1 waiting job".
struct Fact {
    StepPattern pattern;
    int (*count)(const World& world, const scheduling::PoolUse& use, const Arguments& arguments);
};

const std::vector<Fact>& facts() {
    static const std::vector<Fact> all{
        {StepPattern("{n} GPU|GPUs"),
         [](const World&, const scheduling::PoolUse& use, const Arguments&) { return use.total; }},
        {StepPattern("{n} in use"),
         [](const World&, const scheduling::PoolUse& use, const Arguments&) { return use.used; }},
        {StepPattern("{n} free"),
         [](const World&, const scheduling::PoolUse& use, const Arguments&) { return use.free; }},
        {StepPattern("{n} unhealthy"),
         [](const World&, const scheduling::PoolUse& use, const Arguments&) { return use.unhealthy; }},
        {StepPattern("{n} waiting job|jobs"),
         [](const World&, const scheduling::PoolUse& use, const Arguments&) { return use.waiting_jobs; }},
        {StepPattern("{n} on {name}"),
         [](const World&, const scheduling::PoolUse& use, const Arguments& a) {
             return use.nodes.count(a.text(1)) > 0 ? use.nodes.at(a.text(1)) : 0;
         }},
        {StepPattern("{n} in use by the group {name}"),
         [](const World& world, const scheduling::PoolUse& use, const Arguments& a) {
             const auto group = world.group(a.text(1));
             return group && use.used_by_group.count(group->id) > 0 ? use.used_by_group.at(group->id) : 0;
         }},
    };
    return all;
}

Result<void> expect_facts(World& world, const Arguments& a) {
    const scheduling::PoolUse use = world.core().snapshot().use_of_pool(TRY(world.pool(a.text(0))).id);
    for (const Tokens& part : list_of(a.rest(1))) {
        const auto fact = std::find_if(facts().begin(), facts().end(),
            [&](const Fact& known) { return known.pattern.match(part).has_value(); });
        if (fact == facts().end()) {
            return fail(ErrorCode::kInvalid,
                "a pool has GPUs, some in use, free, unhealthy or on a node, and waiting jobs; got \"{}\"",
                in_words(part));
        }
        const Arguments arguments = *fact->pattern.match(part);
        TRY(expect_number(in_words(part), arguments.number(0), fact->count(world, use, arguments)));
    }
    return {};
}

}  // namespace

StepDefinitions steps_of_pools() {
    return {
        {StepPattern("the pool {name} of {n} {name}"),
         [](World& w, const Arguments& a) { return add_pool(w, a.text(0), a.number(1), a.text(2)); }},
        {StepPattern("the operator makes the pool {name} of {n} GPU|GPUs"),
         [](World& w, const Arguments& a) { return add_pool(w, a.text(0), a.number(1), std::nullopt); }},
        {StepPattern("the operator makes the pool {name} of {n} {name}"),
         [](World& w, const Arguments& a) { return add_pool(w, a.text(0), a.number(1), a.text(2)); }},
        {StepPattern("the operator makes the pool {name}"),
         [](World& w, const Arguments& a) { return add_pool(w, a.text(0), std::nullopt, std::nullopt); }},
        {StepPattern("the operator makes the pool {name} of {...}"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SavePool command;
             command.id = PoolId(w.new_id());
             command.create = true;
             command.name = a.text(0);
             command.devices = TRY(devices_of(w, a.rest(1)));
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator sets the pool {name} to {n} GPU|GPUs"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SavePool command = TRY(change_of_pool(w, a.text(0)));
             command.gpus = a.number(1);
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator sets the pool {name} to {n} {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SavePool command = TRY(change_of_pool(w, a.text(0)));
             command.gpus = a.number(1);
             command.model = a.text(2);
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator sets the pool {name} to {...}"),
         [](World& w, const Arguments& a) { return set_devices(w, a.text(0), a.rest(1)); }},
        {StepPattern("the operator renames the pool {name} to {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SavePool command = TRY(change_of_pool(w, a.text(0)));
             command.name = a.text(1);
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator deletes the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::DeletePool{TRY(w.pool(a.text(0))).id}, "operator");
             return {};
         }},

        {StepPattern("all pools together have {n} GPU|GPUs"),
         [](World& w, const Arguments& a) -> Result<void> {
             int total = 0;
             for (const auto& [id, pool] : w.core().pools()) total += w.core().snapshot().use_of_pool(id).total;
             return expect_number("GPUs", a.number(0), total);
         }},
        {StepPattern("the pool {name} has {...}"), [](World& w, const Arguments& a) { return expect_facts(w, a); }},
        {StepPattern("the pool {name} belongs to no group"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Pool pool = TRY(w.pool(a.text(0)));
             for (const auto& [id, group] : w.core().groups()) {
                 if (group.pool == pool.id) return fail(ErrorCode::kConflict, "it belongs to the group {}", group.name);
             }
             return {};
         }},
        {StepPattern("GPU {n} of {name} is in the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             const DeviceKey key = TRY(w.device(a.text(1), a.number(0)));
             return expect_text("the pool", a.text(2), w.core().pools().at(w.core().snapshot().pool_of(key)).name);
         }},
        {StepPattern("there is no pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return w.pool(a.text(0)) ? fail(ErrorCode::kConflict, "there is one") : Result<void>{};
         }},
    };
}

}  // namespace pintle::core::scenario
