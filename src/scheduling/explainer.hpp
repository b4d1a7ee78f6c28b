#pragma once

#include <optional>

#include "scheduling/explanation.hpp"
#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {

/// Something else in the queue for as long as it lives. The snapshot is changed and put back, which costs less than a
/// copy; its contents are the same afterwards.
class Overlay {
public:
    explicit Overlay(const Snapshot& snapshot) : impl_(const_cast<Snapshot::Impl&>(snapshot.impl())) {}
    ~Overlay();
    Overlay(const Overlay&) = delete;
    Overlay& operator=(const Overlay&) = delete;

    /// In place of the one of this id, or besides.
    void put(const Workload& workload);

private:
    Snapshot::Impl& impl_;
    std::optional<domain::JobId> put_;
    std::optional<Workload> before_;
};

/// Explains one waiting workload.
class Explainer {
public:
    Explainer(const Snapshot& snapshot, const Workload& workload, Time now);

    [[nodiscard]] Explanation explain();

private:
    [[nodiscard]] bool classify();
    void lacking();
    void behind();
    void at_quota();
    void list_running(const std::vector<const Holder*>& holders);
    [[nodiscard]] const Waiting* who_is_ahead() const;

    void find_remedies();
    void try_fewer_gpus();
    void try_priorities();
    void try_models();
    void try_immediate();
    /// How many GPUs it would get if it started now; -1: it would not.
    [[nodiscard]] int gpus_if(const Workload& changed) const;
    [[nodiscard]] bool fits_now(const Waiting& waiting) const;

    const Snapshot& snapshot_;
    const Snapshot::Impl& impl_;
    Workload workload_;
    const Waiting* waiting_;
    Time now_;
    Plan plan_;
    Explanation explanation_;
};

}  // namespace pintle::scheduling
