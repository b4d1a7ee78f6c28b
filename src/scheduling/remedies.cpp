#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduling/explainer.hpp"
#include "scheduling/pass.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// The greatest number in [1, most] for which `holds`, if it holds for all lower ones too; 0: none.
template <class Holds>
int greatest(int most, const Holds& holds) {
    int low = 0;
    while (low < most) {
        const int middle = low == 0 ? 1 : (low + most + 1) / 2;
        if (holds(middle)) {
            low = middle;
        } else {
            most = middle - 1;
        }
    }
    return low;
}

}  // namespace

int Explainer::gpus_if(const Workload& changed) const {
    Overlay overlay(snapshot_);
    overlay.put(changed);
    const Waiting& waiting = impl_.waiting.at(changed.id);
    const bool borrows = impl_.books.groups[at(waiting.group)].cohort >= 0;
    if (!borrows && !changed.immediate && !fits_now(waiting)) return -1;
    for (const Start& start : plan(snapshot_, now_).starts) {
        if (start.id != changed.id) continue;
        int gpus = 0;
        for (const Place& place : start.places) gpus += static_cast<int>(place.devices.size());
        return gpus;
    }
    return -1;
}

void Explainer::find_remedies() {
    if (explanation_.code == WaitCode::kHeld) {
        Workload released = workload_;
        released.held.clear();
        if (gpus_if(released) >= 0) explanation_.remedies.push_back({Remedy::Kind::kRelease, 0, 0, {}, "released"});
        return;
    }
    if (workload_.gpus() > 0) {
        try_fewer_gpus();
        try_models();
        if (!workload_.immediate) try_immediate();
    }
    try_priorities();
}

// Fewer for each of its replicas, or fewer replicas where each has one; only where one kind of replica has GPUs.
void Explainer::try_fewer_gpus() {
    const auto has_gpus = [](const Need& need) { return need.gpus > 0; };
    if (workload_.immediate || std::count_if(workload_.needs.begin(), workload_.needs.end(), has_gpus) != 1) return;
    Workload fewer = workload_;
    Need& need = *std::find_if(fewer.needs.begin(), fewer.needs.end(), has_gpus);
    int& number = need.gpus > 1 ? need.gpus : need.count;
    const int best = greatest(number - 1, [&](int candidate) {
        number = candidate;
        return gpus_if(fewer) >= 0;
    });
    if (best == 0) return;
    number = best;
    explanation_.remedies.push_back(
        {Remedy::Kind::kFewerGpus, fewer.gpus(), 0, {}, "with " + count_of(fewer.gpus(), "GPU")});
}

void Explainer::try_models() {
    if (workload_.gpu_model.empty()) return;
    for (const int bin : impl_.books.pools[at(impl_.waiting.at(workload_.id).pool)].bins) {
        Workload other = workload_;
        other.gpu_model = impl_.model_names[at(impl_.books.ledger.bins[at(bin)].model)];
        if (other.gpu_model == workload_.gpu_model || gpus_if(other) < 0) continue;
        explanation_.remedies.push_back({Remedy::Kind::kOtherModel, other.gpus(), 0, other.gpu_model,
                                         fmt::format("on {} {}", other.gpus(), other.gpu_model)});
    }
}

void Explainer::try_immediate() {
    const Waiting& waiting = impl_.waiting.at(workload_.id);
    const std::vector<int> bins = impl_.bins_of(waiting.pool, waiting.asked.model);
    if (std::none_of(bins.begin(), bins.end(), [&](int bin) { return impl_.books.ledger.bins[at(bin)].free > 0; }))
        return;
    Workload at_once = workload_;
    at_once.immediate = true;
    const int gpus = gpus_if(at_once);
    if (gpus <= 0) return;
    explanation_.remedies.push_back(
        {Remedy::Kind::kImmediate,
         gpus,
         0,
         {},
         fmt::format("with --now and {} of its {}", gpus, count_of(workload_.gpus(), "GPU"))});
}

// Being before others helps who is behind them; also in other pools, whose heads hold CPU and memory.
void Explainer::try_priorities() {
    if (explanation_.code != WaitCode::kBehind) return;
    std::set<int> higher;
    for (const auto& [id, waiting] : impl_.waiting) {
        const int priority = waiting.workload.priority;
        if (waiting.ready() && priority >= workload_.priority && priority < std::numeric_limits<int>::max())
            higher.insert(priority + 1);
    }
    const std::vector<int> priorities(higher.rbegin(), higher.rend());
    Workload sooner = workload_;
    const int last = greatest(static_cast<int>(priorities.size()), [&](int index) {
        sooner.priority = priorities[at(index - 1)];
        return gpus_if(sooner) >= 0;
    });
    if (last == 0) return;
    const int priority = priorities[at(last - 1)];
    explanation_.remedies.push_back(
        {Remedy::Kind::kPriority, 0, priority, {}, fmt::format("with priority {}", priority)});
}

}  // namespace pintle::scheduling
