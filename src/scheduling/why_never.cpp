#include <algorithm>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/text.hpp"
#include "scheduling/earliest_fit.hpp"
#include "scheduling/ledger.hpp"
#include "scheduling/pass.hpp"
#include "scheduling/scheduler.hpp"
#include "scheduling/snapshot_impl.hpp"
#include "scheduling/wait_words.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class WhyNever {
public:
    WhyNever(const Snapshot::Impl& impl, const Workload& workload) : impl_(impl), workload_(workload) {
        const auto group = impl_.group_by_id.find(workload.group);
        check(group != impl_.group_by_id.end(), "a workload's group is there");
        group_ = group->second;
        pool_ = impl_.books.groups[at(group_)].pool;
        pools_ = {pool_};
        const int cohort = impl_.books.groups[at(group_)].cohort;
        if (cohort >= 0 && impl_.books.groups[at(group_)].group.borrowing->limit > 0) {
            const std::vector<int>& mates = impl_.books.cohorts[at(cohort)].pools;
            for (const int mate : mates) {
                if (mate != pool_) pools_.push_back(mate);
            }
        }
    }

    std::optional<std::string> reason() const {
        if (impl_.nodes.empty()) return "there is no node to run anything on";
        if (!workload_.immediate && workload_.gpus() > 0) {
            if (auto fault = pool_fault()) return fault;
        }
        for (const Need& need : workload_.needs) {
            if (auto fault = node_fault(need)) return fault;
        }
        return gang_fault();
    }

private:
    std::string pool_words() const { return pool_in_words(impl_.books.pools[at(pool_)].pool); }
    std::string pools_words() const {
        return pools_.size() == 1 ? pool_words() : fmt::format("{} with the pools of its cohort", pool_words());
    }

    bool may_use(const Bin& bin) const {
        return workload_.gpu_model.empty() || impl_.model_names[at(bin.model)] == workload_.gpu_model;
    }
    // Mostly its own pool has enough, and then nothing of its cohort needs to be counted.
    template <class Has>
    bool any_at_home(const Has& has) const {
        const std::vector<int>& bins = impl_.books.pools[at(pool_)].bins;
        return std::any_of(bins.begin(), bins.end(), [&](int bin) {
            const Bin& state = impl_.books.ledger.bins[at(bin)];
            return may_use(state) && has(state);
        });
    }

    std::map<std::string, int> models() const {
        std::map<std::string, int> count;
        for (const int pool : pools_) {
            for (const int bin : impl_.books.pools[at(pool)].bins) {
                const Bin& state = impl_.books.ledger.bins[at(bin)];
                count[impl_.model_names[at(state.model)]] += state.total;
            }
        }
        return count;
    }

    std::optional<std::string> pool_fault() const {
        const int gpus = workload_.gpus();
        if (!any_at_home([&](const Bin& bin) { return bin.total >= gpus; })) {
            if (auto fault = number_fault(gpus)) return fault;
        }
        if (gpus > impl_.quota_of(group_)) {
            return fmt::format("it asks for {} and its group {} may use {} in all", asked_in_words(workload_),
                               impl_.books.groups[at(group_)].group.name, impl_.quota_of(group_));
        }
        return std::nullopt;
    }

    std::optional<std::string> number_fault(int gpus) const {
        const std::map<std::string, int> by_model = models();
        int all = 0, most = 0;
        for (const auto& [model, count] : by_model) {
            all += count;
            most = std::max(most, count);
        }
        const std::string asks = fmt::format("it asks for {}", asked_in_words(workload_));
        if (all == 0) return fmt::format("{} and {} has no GPUs", asks, pools_words());
        if (!workload_.gpu_model.empty()) {
            const auto found = by_model.find(workload_.gpu_model);
            if (found == by_model.end()) {
                std::vector<std::string> names;
                for (const auto& [model, count] : by_model) names.push_back(model);
                return fmt::format("{} and {} has none: its GPUs are {}", asks, pools_words(), join(names, ", "));
            }
            most = found->second;
        }
        if (gpus > all || (gpus > most && !workload_.gpu_model.empty())) {
            return fmt::format("{} and {} has {}", asks, pools_words(), workload_.gpu_model.empty() ? all : most);
        }
        if (gpus > most) {
            return fmt::format("{} and {} has at most {} of one model: GPUs of one job are of one model", asks,
                               pools_words(), most);
        }
        return std::nullopt;
    }

    // The most GPUs that one replica could have.
    int most_on_a_node() const {
        int most = 0;
        for (const NodeState& node : impl_.books.ledger.nodes) {
            std::map<int, int> by_model;
            for (const Share& share : node.shares) {
                const Bin& bin = impl_.books.ledger.bins[at(share.bin)];
                if (std::find(pools_.begin(), pools_.end(), bin.pool) == pools_.end() || !may_use(bin)) continue;
                most = std::max(most, by_model[bin.model] += share.total);
            }
        }
        return most;
    }

    std::optional<std::string> node_fault(const Need& need) const {
        const auto carries = [&](const domain::Node& node) { return carries_label(node, need.node_label); };
        if (!std::any_of(impl_.nodes.begin(), impl_.nodes.end(), carries))
            return fmt::format("{} asks for a node labelled \"{}\" and there is none", need.resource, need.node_label);
        const auto on_a_node = [&](const Bin& bin) { return bin.gpus_of_largest() >= need.gpus; };
        if (need.gpus > 0 && !workload_.immediate && !any_at_home(on_a_node)) {
            const int most = most_on_a_node();
            if (need.gpus > most) {
                return fmt::format("no node of {} has {}; the largest has {}: spread them over workers", pools_words(),
                                   workload_.gpu_model.empty() ? count_of(need.gpus, "GPU")
                                                               : fmt::format("{} {}", need.gpus, workload_.gpu_model),
                                   most);
            }
        }
        if (need.cpu_millis > impl_.cpu_millis_most) {
            return fmt::format("{} asks for {}; the largest node has {}", need.resource, cpu_in_words(need.cpu_millis),
                               cpu_in_words(impl_.cpu_millis_most));
        }
        if (need.memory_bytes > impl_.memory_bytes_most) {
            return fmt::format("{} asks for {} memory; the largest node has {}", need.resource,
                               bytes_in_words(need.memory_bytes), bytes_in_words(impl_.memory_bytes_most));
        }
        return std::nullopt;
    }

    std::optional<std::string> gang_fault() const {
        Waiting waiting;
        waiting.group = group_;
        waiting.pool = pool_;
        // Asking changes nothing but what labels and models are known.
        waiting.asked = const_cast<Snapshot::Impl&>(impl_).ask(workload_);
        if (workload_.immediate) {
            for (Ask& ask : waiting.asked.asks) ask.gpus = 0;
            waiting.asked.sum_up();
        }
        if (could_ever(impl_, waiting, true)) return std::nullopt;
        const Want& whole = waiting.asked.whole;
        std::int64_t cpu = 0, memory = 0;
        int gpus = 0;
        for (const domain::Node& node : impl_.nodes) {
            cpu += node.cpu_millis;
            memory += node.memory_bytes;
        }
        for (const auto& [model, count] : models()) gpus += count;
        return fmt::format(
            "its {} together ask for {}, {} memory and {}, and do not fit at once on the {}, which together have {}, "
            "{} and {} in {}",
            count_of(whole.replicas, "replica"), cpu_in_words(whole.cpu_millis), bytes_in_words(whole.memory_bytes),
            count_of(whole.gpus, "GPU"), count_of(static_cast<std::int64_t>(impl_.nodes.size()), "node"),
            cpu_in_words(cpu), bytes_in_words(memory), count_of(gpus, "GPU"), pools_words());
    }

    const Snapshot::Impl& impl_;
    const Workload& workload_;
    int group_ = 0;
    int pool_ = 0;
    std::vector<int> pools_;
};

}  // namespace

std::optional<std::string> why_never(const Snapshot& snapshot, const Workload& workload) {
    return WhyNever(snapshot.impl(), workload).reason();
}

}  // namespace pintle::scheduling
