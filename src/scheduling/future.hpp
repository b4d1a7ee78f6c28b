#pragma once

#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "scheduling/explanation.hpp"
#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {

/// A walk through the future of all queues: what runs ends when it is expected to, what waits starts strictly in
/// order of turns as soon as it fits. Nobody overtakes, so that what is told is rather too late than too early. It
/// has books of its own, simpler than Ledger's: it asks for any node of those with the fewest free GPUs.
class Future {
public:
    /// Everything takes as long as it does in half of all cases. `next` is what starts now.
    Future(const Snapshot::Impl& impl, Time now, const Plan& next);
    /// The same where everything takes as long as it does in 1 of 10 cases; `median` must not have run yet.
    explicit Future(const Future& median);
    Future& operator=(const Future&) = delete;

    /// Until `only` has started, or as far as anything is known.
    void run(const Waiting* only);
    [[nodiscard]] std::optional<Time> start_of(const Waiting& waiting) const;

    // What place() asks.
    [[nodiscard]] Room room(int node, int bin) const;
    [[nodiscard]] int free(int bin) const { return bins_[static_cast<std::size_t>(bin)].free; }
    [[nodiscard]] int most_free(int bin) const;
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const {
        return impl_.books.ledger.carries(node, labels);
    }
    [[nodiscard]] int find(int bin, const Want& want, const std::vector<int>& skip) const;

private:
    struct Part {
        int bin;
        int free;
        int at;  ///< Its place in the bin's list for so many free.
    };
    struct Node {
        std::int64_t cpu_millis;
        std::int64_t memory_bytes;
        int replicas;
        std::vector<Part> parts;
    };
    struct BinLists {
        int free = 0;
        std::vector<std::vector<int>> by_free;
    };
    struct Grant {
        int node;
        std::int64_t cpu_millis;
        std::int64_t memory_bytes;
        int replicas;
        int bin;  ///< -1: no GPUs.
        int gpus;
    };
    struct Job {
        std::int64_t rank;  ///< Orders those that end at one moment.
        int group;
        int gpus;
        std::size_t from;  ///< Its part of grants_.
        std::size_t to;
    };
    struct End {
        Key at;
        std::size_t job;
        bool operator<(const End& other) const { return at > other.at; }  // The heap's top is the first.
    };
    struct Line {
        std::vector<const Waiting*> queue;
        std::size_t next = 0;
        bool anywhere = false;  ///< What it waits for may come free on any node.
    };

    void copy_books();
    void add_running();
    void add_starts();
    void line_up();
    void book(const Grant& grant, int sign);
    void move(int node, Part& part, int free);
    void add_end(Job job, Key at);
    [[nodiscard]] Job new_job(const Workload& workload, int group, int gpus) const;
    void advance(Line& line, Time now);
    bool start(const Waiting& waiting, Time now);
    [[nodiscard]] bool could_start(const Waiting& waiting) const;
    [[nodiscard]] std::vector<Spot> place_somewhere(const Waiting& waiting) const;
    void wake(int node, std::vector<char>& woken) const;
    void end_all_at(Key moment, std::vector<char>& woken);
    void end(const Job& job, std::vector<char>& woken);

    const Snapshot::Impl& impl_;
    Time now_;
    const Plan& next_;
    bool high_;
    std::vector<Node> nodes_;
    std::vector<BinLists> bins_;
    std::vector<int> used_by_group_;
    std::vector<Job> jobs_;
    std::vector<Grant> grants_;
    std::priority_queue<End> ends_;
    std::vector<Line> lines_;              ///< [pool], and the last for what needs no GPU.
    std::vector<std::vector<int>> wakes_;  ///< [pool] → the lines that its GPUs may help.
    std::unordered_map<const Waiting*, Time> starts_;
};

/// Nothing where either knows nothing.
[[nodiscard]] std::optional<Forecast> forecast_from(const Future& median, const Future& high, const Waiting& waiting);

}  // namespace pintle::scheduling
