#include "core/component_view.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::core {

using namespace domain;

std::string_view to_string(ComponentState state) {
    switch (state) {
        case ComponentState::kDisabled: return "Disabled";
        case ComponentState::kPaused: return "Paused";
        case ComponentState::kWaiting: return "Waiting";
        case ComponentState::kStarting: return "Starting";
        case ComponentState::kRunning: return "Running";
        case ComponentState::kStopping: return "Stopping";
        case ComponentState::kCrashLoopBackOff: return "CrashLoopBackOff";
    }
    unreachable();
}

namespace {

ComponentState state_of_job(const Job& job) {
    switch (job.state) {
        case JobState::kQueued:
        case JobState::kWaitingForGpus: return ComponentState::kWaiting;
        case JobState::kStarting: return ComponentState::kStarting;
        case JobState::kRunning:
        case JobState::kTraining: return ComponentState::kRunning;
        case JobState::kStopping:
        case JobState::kComplete:
        case JobState::kError:
        case JobState::kStopped: return ComponentState::kStopping;
    }
    unreachable();
}

std::string decided(std::string_view what, const ComponentRecord& record) {
    return record.by.empty() ? std::string() : fmt::format("{} by {}", what, record.by);
}

std::string until_next_start(const ComponentRecord& record, Time now) {
    if (record.last_end.empty()) return {};
    if (record.next_start <= now) return record.last_end + "; it is started again";
    const Duration left = record.next_start - now;
    const std::string times = record.failures > 1 ? fmt::format("it ended {} times in a row", record.failures)
                                                  : std::string("it ended by itself");
    return fmt::format("{}: {}; it is started again in {}", times, record.last_end, to_words(left));
}

}  // namespace

ComponentState state_of(const ComponentView& view) {
    if (view.job != nullptr) return state_of_job(*view.job);
    if (view.project_disabled || view.record.wanted == ComponentRecord::Wanted::kDisabled)
        return ComponentState::kDisabled;
    if (view.record.wanted == ComponentRecord::Wanted::kPaused) return ComponentState::kPaused;
    return view.record.failures > 0 ? ComponentState::kCrashLoopBackOff : ComponentState::kWaiting;
}

std::string reason_of(const ComponentView& view, Time now) {
    if (view.job != nullptr)
        return view.job->state == JobState::kStopping && view.job->ending ? view.job->ending->reason : view.job->reason;
    if (view.project_disabled) return "the project is disabled";
    switch (state_of(view)) {
        case ComponentState::kDisabled: return decided("disabled", view.record);
        case ComponentState::kPaused: {
            const std::string by = decided("paused", view.record);
            return by.empty() ? "it was idle; it runs again when somebody opens it" : by;
        }
        case ComponentState::kCrashLoopBackOff: return until_next_start(view.record, now);
        case ComponentState::kWaiting: return "the project's data is still being moved";
        case ComponentState::kStarting:
        case ComponentState::kRunning:
        case ComponentState::kStopping: break;
    }
    return {};
}

}  // namespace pintle::core
