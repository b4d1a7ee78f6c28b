#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scheduling/scheduler.hpp"

namespace pintle::scheduling {

/// The rules of plan() as plain loops over plain lists, for tests: no index, no memory, no numbers for names.
/// Everything is counted anew whenever it is asked for. What plan() says must be the same.
class NaiveScheduler {
public:
    Options options;
    std::vector<domain::Node> nodes;    ///< By name.
    std::vector<domain::Pool> pools;    ///< By id.
    std::vector<domain::Group> groups;  ///< By id.
    std::vector<Running> running;
    std::vector<Workload> waiting;

    /// Without the reasons.
    [[nodiscard]] Plan plan(Time now);

private:
    using Key = std::int64_t;
    /// GPUs of one model in one pool.
    struct Bin {
        domain::PoolId pool;
        std::string model;
        auto operator<=>(const Bin&) const = default;
    };
    /// Who holds something: what runs, and what this plan has started.
    struct Holder {
        Running run;
        bool trial = false;
        bool gone = false;  ///< In the state that is being imagined.
    };
    struct Amount {
        std::int64_t cpu = 0, memory = 0;
        int gpus = 0, replicas = 0;
    };
    struct Hold {
        domain::JobId head;
        Key until = 0;
        std::string node;
        std::optional<Bin> bin;
        Amount kept, spare;
    };
    /// `count` replicas of need number `need`, each with `gpus`.
    struct Kind {
        int count = 0;
        std::int64_t cpu = 0, memory = 0;
        int gpus = 0;
        std::string label;
    };
    struct Spot {
        int kind = 0;
        std::string node;
        std::optional<Bin> bin;
        int count = 0;
    };
    /// How placing looks at holds.
    enum class Holds { kIgnored, kSubtracted, kSpare };
    struct View {
        Holds holds = Holds::kIgnored;
        domain::JobId self;
        Key end = 0;
    };
    struct Lane {
        bool has_head = false;
        int tried = 0;
    };

    [[nodiscard]] const domain::Group& group_of(const Workload& workload) const;
    [[nodiscard]] domain::PoolId pool_of(const std::string& node, const std::string& uuid) const;
    [[nodiscard]] Bin bin_of(const domain::Node& node, const domain::Device& device) const;
    [[nodiscard]] std::vector<Bin> bins_of(const domain::PoolId& pool, const std::string& model) const;
    [[nodiscard]] int size_of(const domain::PoolId& pool) const;
    [[nodiscard]] int nominal_of(const domain::Group& group) const;
    [[nodiscard]] int quota_of(const domain::Group& group) const;
    [[nodiscard]] int used_by(const domain::Group& group) const;
    [[nodiscard]] bool within_quota(const Workload& workload) const;
    [[nodiscard]] std::pair<int, std::int64_t> usage_of(const domain::PoolId& pool, const domain::UserId& owner) const;
    [[nodiscard]] bool is_fair(const domain::PoolId& pool) const;

    [[nodiscard]] const Holder* user_of(const std::string& node, int device) const;
    [[nodiscard]] std::vector<int> free_devices(const domain::Node& node, const std::optional<Bin>& bin) const;
    [[nodiscard]] int free_in(const Bin& bin) const;
    [[nodiscard]] Amount room(const domain::Node& node, const std::optional<Bin>& bin, const View& view) const;
    [[nodiscard]] const domain::Node* tightest(const std::optional<Bin>& bin, const Amount& want,
                                               const std::vector<std::string>& labels,
                                               const std::set<std::string>& skip, const View& view) const;
    [[nodiscard]] std::vector<Spot> place(const std::vector<Kind>& kinds, const std::vector<Bin>& bins,
                                          const View& view) const;
    /// The same where one replica may have GPUs of several bins of its node.
    [[nodiscard]] std::vector<Spot> place_across(const std::vector<Kind>& kinds, const std::vector<Bin>& bins,
                                                 const View& view);
    [[nodiscard]] bool is_in(const Bin& bin, const Bin& wanted) const;
    [[nodiscard]] static std::vector<Kind> kinds_of(const Workload& workload);

    [[nodiscard]] Key expected_end(const Holder& holder) const;
    [[nodiscard]] Key end_if_started(const Workload& workload) const;
    template <class KeyOf>
    [[nodiscard]] std::optional<std::pair<Key, std::vector<Spot>>> earliest(const Workload& workload,
                                                                            const std::vector<Bin>& bins,
                                                                            const KeyOf& key_of, Holds holds);
    [[nodiscard]] bool could_ever(const Workload& workload);
    [[nodiscard]] bool lacks_gpus(const Workload& workload) const;
    [[nodiscard]] std::vector<std::vector<Bin>> choices_at_home(const Workload& workload) const;
    [[nodiscard]] std::vector<std::vector<Bin>> choices_with(const Workload& workload,
                                                             const std::vector<domain::PoolId>& mates) const;

    void start(const Workload& workload, const std::vector<Kind>& kinds, const std::vector<Spot>& spots);
    void start_immediates();
    void run(const std::vector<domain::PoolId>& region);
    void try_one(const Workload& workload, Lane& lane);
    void make_head(const Workload& workload, Lane& lane);
    void keep(Hold hold, const Amount& free);
    bool lend_once();
    void reclaim();
    void reclaim_for(const Workload& head);
    [[nodiscard]] std::vector<std::vector<domain::PoolId>> regions() const;
    [[nodiscard]] bool somebody_roams() const;
    [[nodiscard]] bool is_started(const domain::JobId& id) const;

    Time now_{};
    std::vector<Bin> across_;  ///< What a bin of the pool "*" stands for.
    Plan plan_;
    std::vector<Holder> holders_;
    std::vector<Hold> holds_;
    std::map<domain::PoolId, const Workload*> heads_;
    std::map<domain::PoolId, std::vector<AwaitGpus>> awaits_;
    std::vector<const Workload*> failed_;
    std::set<domain::GroupId> at_quota_;
    std::set<domain::JobId> reclaimed_;
};

}  // namespace pintle::scheduling
