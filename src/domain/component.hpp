#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/task.hpp"

namespace pintle::domain {

enum class ComponentKind {
    kJupyter,
    kTensorboard,
    kCustom,  ///< Any other program that runs long; it has to say its command.
};
[[nodiscard]] std::string_view to_string(ComponentKind kind);

/// A tool that lives beside a project's tasks and runs long: a notebook server, TensorBoard. In a project's document it
/// is what was written, where empty fields stand for those of its kind; complete() fills them in.
struct Component {
    std::string name;
    std::string display_name;
    ComponentKind kind = ComponentKind::kCustom;
    Resource resource;  ///< Always one replica; its name is the component's. Port 0: browsers are not led to it.
    bool enabled = false;            ///< Whether it runs from the beginning, before anybody enabled or disabled it.
    std::optional<bool> shared;      ///< Whether the owner's group may open it too; without it, as its kind says.
    Duration idle_pause{0};          ///< It is paused when it has been idle for so long; 0: never.
    bool operator==(const Component&) const = default;
};

/// What a component of this name is unless it says otherwise.
[[nodiscard]] ComponentKind kind_of_component(std::string_view name);

/// The component with everything that its kind says where nothing was written.
[[nodiscard]] Component complete(const Component& written);

/// The component that every project has without writing it, by its name: "jupyter", "tensorboard".
[[nodiscard]] std::optional<Component> built_in_component(std::string_view name);

/// All components of a project that writes these: first those that every project has, then its own, all complete.
[[nodiscard]] std::vector<Component> all_components(const std::vector<Component>& written);

/// What was decided of a component of a project, and what became of it. It outlives its jobs and the server.
struct ComponentRecord {
    enum class Wanted {
        kEnabled,
        kDisabled,
        kPaused,  ///< It was idle; it runs again as soon as somebody asks for it.
    };
    ProjectId project;
    std::string name;
    Wanted wanted = Wanted::kDisabled;
    std::optional<int> gpus;  ///< Instead of what its document asks for.
    std::string by;           ///< Who decided; empty: its document, or the server.
    Time since{};             ///< When that was.
    JobId job;                ///< That runs it or waits to; empty: none.
    std::vector<JobId> ended; ///< Its last jobs that are over, oldest first.
    int failures = 0;         ///< How often it ended by itself, one time soon after the other.
    std::string last_end;     ///< Why the last of `ended` was over; empty: because it was asked to.
    Time next_start{};        ///< Not before then; 0: now.
    bool operator==(const ComponentRecord&) const = default;
};
[[nodiscard]] std::string_view to_string(ComponentRecord::Wanted wanted);

/// How long a component that ended by itself waits before it is started again: 1 s at first, twice as long each time,
/// at most 5 min.
[[nodiscard]] Duration component_backoff(int failures);
/// What ran for so long is not failing again and again.
inline constexpr Duration kComponentSteady = std::chrono::minutes(10);
/// How many jobs of a component are kept when they are over.
inline constexpr std::size_t kComponentJobsKept = 5;

/// What the programs of a component used lately, on average. What cannot be measured is absent.
struct ComponentLoad {
    std::optional<double> cpu_percent;  ///< Of one processor.
    std::optional<double> gpu_percent;  ///< Of the busiest of its GPUs.
    bool operator==(const ComponentLoad&) const = default;
};
/// Whether programs that use so much do something for somebody. What a tool needs to keep itself alive, to be looked at
/// and to answer the pages that are open is less. TensorBoard reads its files again and again of its own accord, so its
/// use of the processor tells nothing.
[[nodiscard]] bool works(const Component& component, const ComponentLoad& load);

/// What somebody saw of whether a component is in use.
struct ComponentUse {
    Time last_activity{};
    bool busy = false;  ///< A kernel computes.
    Time seen_at{};
    Time last_work{};   ///< When its programs were last seen to work; 0: nobody measured it.
    bool operator==(const ComponentUse&) const = default;
};
/// Whether it is to be paused. Only what was seen just now counts: one that nobody looked at is not idle.
[[nodiscard]] bool is_idle(const Component& component, const ComponentUse& use, Time now);

/// The path under which the server leads browsers to it, without a slash behind it.
[[nodiscard]] std::string component_path(const ProjectId& project, std::string_view name);

}  // namespace pintle::domain
