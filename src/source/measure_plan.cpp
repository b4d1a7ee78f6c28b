#include "source/measure_plan.hpp"

#include <algorithm>

namespace pintle::source {

Time due_at(const MeasureState& state, const MeasureRhythm& rhythm) {
    if (state.measured_at == Time{}) return Time{};
    const Time ended = state.measured_at + state.took;
    const auto after = [&](Duration pause, int times) { return ended + std::max(pause, state.took * times); };
    Time due = after(rhythm.idle, rhythm.idle_times);
    if (state.written) due = std::min(due, after(rhythm.written, rhythm.written_times));
    // What happened while it was measured may not have been seen.
    if (state.touched_at >= state.measured_at)
        due = std::min(due, std::max(state.touched_at, after(rhythm.pause, rhythm.pause_times)));
    return due;
}

std::optional<NextMeasure> next_measure(const std::map<MeasuredFolder, MeasureState>& folders,
                                        const MeasureRhythm& rhythm) {
    std::optional<NextMeasure> next;
    bool is_touched = false;
    for (const auto& [folder, state] : folders) {
        const Time due = due_at(state, rhythm);
        const bool touched = state.touched_at != Time{} || state.written;
        if (next && (due > next->at || (due == next->at && (is_touched || !touched)))) continue;
        next = NextMeasure{folder, due};
        is_touched = touched;
    }
    return next;
}

}  // namespace pintle::source
