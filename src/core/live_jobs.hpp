#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "domain/job.hpp"

namespace pintle::core {

/// The jobs that are not final: walked in the order of their ids, so that equal inputs give equal results, and found
/// by a hash, since ids of one time begin alike and are slow to compare. Private to this module.
class LiveJobs {
    using Ordered = std::map<domain::JobId, std::shared_ptr<const domain::Job>>;

public:
    LiveJobs() = default;
    LiveJobs(LiveJobs&&) = default;
    LiveJobs& operator=(LiveJobs&&) = default;
    ~LiveJobs() = default;

    [[nodiscard]] Ordered::iterator begin() { return ordered_.begin(); }
    [[nodiscard]] Ordered::iterator end() { return ordered_.end(); }
    [[nodiscard]] Ordered::const_iterator begin() const { return ordered_.begin(); }
    [[nodiscard]] Ordered::const_iterator end() const { return ordered_.end(); }
    [[nodiscard]] std::size_t size() const { return ordered_.size(); }

    [[nodiscard]] Ordered::const_iterator find(const domain::JobId& id) const;
    [[nodiscard]] bool contains(const domain::JobId& id) const { return by_id_.contains(id.str()); }
    /// It is there.
    [[nodiscard]] const std::shared_ptr<const domain::Job>& at(const domain::JobId& id) const;
    /// Null at first.
    [[nodiscard]] std::shared_ptr<const domain::Job>& operator[](const domain::JobId& id);
    void erase(const domain::JobId& id);

private:
    Ordered ordered_;
    std::unordered_map<std::string_view, Ordered::iterator> by_id_;  ///< The texts are those of the keys above.
};

}  // namespace pintle::core
