#include "scheduling/wait_words.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pintle::scheduling {
namespace {

const Bin& bin_of(const Snapshot::Impl& impl, int bin) { return impl.books.ledger.bins[static_cast<std::size_t>(bin)]; }

// The bin that comes nearest to what the workload needs.
int best_bin(const Snapshot::Impl& impl, const Waiting& waiting) {
    int best = -1;
    for (const int bin : impl.bins_of(waiting.pool, waiting.asked.model)) {
        if (best < 0 || bin_of(impl, bin).free > bin_of(impl, best).free) best = bin;
    }
    return best;
}

std::string use_in_words(const Bin& bin) {
    std::vector<std::string> parts;
    if (bin.used > 0) parts.push_back(fmt::format("{} in use", bin.used));
    if (const int unhealthy = bin.total - bin.used - bin.free; unhealthy > 0)
        parts.push_back(fmt::format("{} unhealthy", unhealthy));
    return parts.empty() ? "" : " (" + join(parts, ", ") + ")";
}

}  // namespace

std::string pool_in_words(const domain::Pool& pool) {
    return pool.id == domain::kDefaultPool ? "the " + pool.name : "pool " + pool.name;
}

std::string asked_in_words(const Workload& workload) {
    const int gpus = workload.gpus();
    return workload.gpu_model.empty() ? count_of(gpus, "GPU") : fmt::format("{} {}", gpus, workload.gpu_model);
}

std::string cpu_in_words(std::int64_t cpu_millis) {
    return fmt::format("{:g} CPU", static_cast<double>(cpu_millis) / 1000);
}

bool lacks_gpus(const Snapshot::Impl& impl, const Waiting& waiting) {
    if (waiting.asked.gpus() == 0) return false;
    Asked only_gpus = waiting.asked;
    for (Ask& ask : only_gpus.asks) ask.cpu_millis = ask.memory_bytes = 0;
    only_gpus.sum_up();
    only_gpus.order = waiting.asked.order;
    const FreeNow free(impl.books.ledger);
    for (const int bin : impl.bins_of(waiting.pool, waiting.asked.model)) {
        if (!place(free, only_gpus, {bin}).empty()) return false;
    }
    return true;
}

std::string gpus_in_words(const Snapshot::Impl& impl, const Waiting& waiting) {
    const PoolState& pool = impl.books.pools[static_cast<std::size_t>(waiting.pool)];
    const Workload& workload = waiting.workload;
    const int best = best_bin(impl, waiting);
    if (best < 0) {
        return fmt::format("it needs {} and {} has none", asked_in_words(workload), pool_in_words(pool.pool));
    }
    const Bin& bin = bin_of(impl, best);
    const std::string use = use_in_words(bin);
    const bool one_of_several = workload.gpu_model.empty() && pool.bins.size() > 1;
    const std::string needs = asked_in_words(workload) + (one_of_several && workload.gpus() > 1 ? " of one model" : "");
    const std::string total =
        one_of_several ? fmt::format("{} {}", bin.total, impl.model_names[static_cast<std::size_t>(bin.model)])
                       : fmt::format("{}", bin.total);
    if (bin.free < workload.gpus()) {
        const std::string free = bin.free == 0 ? "none" : fmt::format("{}", bin.free);
        return fmt::format("it needs {} and {} of {} in {} {} free{}", needs, free, total, pool_in_words(pool.pool),
                           bin.free <= 1 ? "is" : "are", use);
    }
    int most = 0;
    for (const Ask& ask : waiting.asked.asks) most = std::max(most, ask.gpus);
    const int free_on_one = FreeNow(impl.books.ledger).most_free(best);
    if (free_on_one < most) {
        return fmt::format(
            "it needs {} on one node and no node of {} has more than {} free; {} of {} are free in all{}",
            workload.gpu_model.empty() ? count_of(most, "GPU") : fmt::format("{} {}", most, workload.gpu_model),
            pool_in_words(pool.pool), free_on_one, bin.free, total, use);
    }
    return fmt::format("it needs {}, up to {} on one node, and the {} free of {} in {} are too scattered{}", needs,
                       most, bin.free, total, pool_in_words(pool.pool), use);
}

std::string quota_in_words(const Snapshot::Impl& impl, const Waiting& waiting) {
    const GroupState& group = impl.books.groups[static_cast<std::size_t>(waiting.group)];
    const int limit = std::max(0, group.group.borrowing->limit);
    const bool lacks = lacks_gpus(impl, waiting);
    const std::string needs = lacks ? gpus_in_words(impl, waiting) : "it needs " + asked_in_words(waiting.workload);
    if (lacks && limit == 0) return needs;
    return fmt::format("{}; its group {} uses {} and may use {}, of which {} borrowed", needs, group.group.name,
                       group.used, impl.quota_of(waiting.group), limit);
}

std::string job_in_words(const Waiting& job, int group) {
    return job.group == group ? job.workload.name : "a job of another group";
}

}  // namespace pintle::scheduling
