#include "core/live_jobs.hpp"

#include "base/check.hpp"

namespace pintle::core {

LiveJobs::Ordered::const_iterator LiveJobs::find(const domain::JobId& id) const {
    const auto found = by_id_.find(id.str());
    return found == by_id_.end() ? ordered_.end() : Ordered::const_iterator(found->second);
}

const std::shared_ptr<const domain::Job>& LiveJobs::at(const domain::JobId& id) const {
    const auto found = by_id_.find(id.str());
    check(found != by_id_.end(), "the job is alive");
    return found->second->second;
}

std::shared_ptr<const domain::Job>& LiveJobs::operator[](const domain::JobId& id) {
    if (const auto found = by_id_.find(id.str()); found != by_id_.end()) return found->second->second;
    const auto added = ordered_.try_emplace(id).first;
    by_id_.emplace(added->first.str(), added);
    return added->second;
}

void LiveJobs::erase(const domain::JobId& id) {
    const auto found = by_id_.find(id.str());
    if (found == by_id_.end()) return;
    const Ordered::iterator job = found->second;
    by_id_.erase(found);
    ordered_.erase(job);
}

}  // namespace pintle::core
