#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// Nodes and their devices, time, and the server itself.

namespace pintle::core::scenario {

using namespace domain;

namespace {

constexpr int kUsualCpus = 16;
constexpr int kUsualGib = 64;

// "4 A100 and 16 CPU and 64 GiB", in any order; "2 A100 and 2 V100" too.
Result<void> add_node(World& world, const std::string& name, const Tokens& parts) {
    static const StepPattern kPart("{n} {name}");
    Node node;
    node.name = name;
    node.cpu_millis = kUsualCpus * 1000;
    node.memory_bytes = static_cast<std::int64_t>(kUsualGib) << 30;
    for (const Tokens& part : parts.empty() ? std::vector<Tokens>{} : list_of(parts)) {
        const auto arguments = kPart.match(part);
        if (!arguments) {
            return fail(ErrorCode::kInvalid, "a node has such as \"4 A100 and 16 CPU and 64 GiB\", got \"{}\"",
                in_words(part));
        }
        const int count = arguments->number(0);
        const std::string& what = arguments->text(1);
        if (what == "CPU") {
            node.cpu_millis = count * 1000;
        } else if (what == "GiB") {
            node.memory_bytes = static_cast<std::int64_t>(count) << 30;
        } else {
            for (int i = 0; i < count; ++i) {
                const int index = static_cast<int>(node.devices.size());
                node.devices.push_back({index, what, true, fmt::format("{}-{}", name, index)});
            }
        }
    }
    world.add_node(std::move(node));
    return {};
}

}  // namespace

StepDefinitions steps_of_machines() {
    return {
        {StepPattern("a node {name} with {...}"),
         [](World& w, const Arguments& a) { return add_node(w, a.text(0), a.rest(1)); }},
        {StepPattern("a node {name} without GPUs"),
         [](World& w, const Arguments& a) { return add_node(w, a.text(0), {}); }},
        {StepPattern("the node {name} is lost"), [](World& w, const Arguments& a) { return w.lose_node(a.text(0)); }},
        {StepPattern("the node {name} returns"), [](World& w, const Arguments& a) { return w.return_node(a.text(0)); }},
        {StepPattern("GPU {n} of {name} becomes unhealthy"),
         [](World& w, const Arguments& a) { return w.change_device(a.text(1), a.number(0), false); }},
        {StepPattern("GPU {n} of {name} becomes healthy"),
         [](World& w, const Arguments& a) { return w.change_device(a.text(1), a.number(0), true); }},
        {StepPattern("GPU {n} of {name} is lost"),
         [](World& w, const Arguments& a) { return w.lose_device(a.text(1), a.number(0)); }},
        {StepPattern("GPU {n} of {name} returns"),
         [](World& w, const Arguments& a) { return w.return_device(a.text(1), a.number(0)); }},
        {StepPattern("{time} pass|passes"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.pass(a.time(0));
             return {};
         }},
        {StepPattern("the server restarts"), [](World& w, const Arguments&) { return w.restart(); }},
    };
}

}  // namespace pintle::core::scenario
