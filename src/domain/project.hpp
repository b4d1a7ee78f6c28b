#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/component.hpp"
#include "domain/group.hpp"
#include "domain/ids.hpp"
#include "domain/source.hpp"
#include "domain/task.hpp"

namespace pintle::domain {

/// What its owner writes: the content of a pintle.yaml.
struct ProjectSpec {
    std::string name;
    std::string summary;  ///< Markdown.
    std::string default_mount_path = "/workspace";
    std::optional<EngineKind> engine;  ///< Empty: chosen per job; `process` runs resources with images on the host.
    std::vector<Source> sources;
    std::vector<Task> tasks;
    std::vector<Component> components;  ///< As written; see all_components().
    std::string form;        ///< The simple form: JSON text of a list, read by module form.
    std::string form_template;  ///< What makes a task of the form's values, in the language of module form.
    bool operator==(const ProjectSpec&) const = default;

    [[nodiscard]] const Task* find_task(std::string_view name) const;
    [[nodiscard]] const Source* find_source(std::string_view name) const;
    /// Complete; also one that every project has.
    [[nodiscard]] std::optional<Component> find_component(std::string_view name) const;
};

/// A project as the server keeps it.
struct Project {
    ProjectId id;
    UserId owner;
    GroupId home =
        kDefaultGroup;  ///< Whose folder of the storages holds its data: the owner's group, or still the one before.
    ProjectSpec spec;
    std::string text;        ///< The YAML that the spec was read from, with its comments; empty when there is none.
    int next_build = 1;      ///< The next job's number, counted over all tasks.
    std::int64_t revision = 1;  ///< Grows with every change.
    Time created_at{};
    Time updated_at{};
    Time disabled_at{};  ///< Since when nothing new of it may run; 0: it is not disabled.
    int component_starts = 0;  ///< How often any component was started: their jobs have this as negative build.
    Time deleting_at{};  ///< Since when it is to go, as soon as its components have ended; 0: it stays.
    bool operator==(const Project&) const = default;
};

/// Every rule that can be checked on the document alone: names and their uniqueness, known sources, mount path
/// clashes, requests against limits, environment names, ports. Returns all faults with their paths
/// ("tasks[1].resources[0].replicas"); lines are added by whoever read the document.
[[nodiscard]] std::vector<Fault> validate(const ProjectSpec& spec);

/// One source as one resource sees it.
struct ResolvedVolume {
    std::string source;
    std::string sub_path;    ///< The source's and the volume's joined.
    std::string mount_path;  ///< Absolute.
    bool read_only = false;
    bool library_dir = false;
    bool operator==(const ResolvedVolume&) const = default;
};

/// What a resource mounts, by the rule of default volume mapping. Fails on an unknown source or two volumes at
/// one path.
[[nodiscard]] Result<std::vector<ResolvedVolume>> resolve_volumes(const ProjectSpec& spec, const Resource& resource);

}  // namespace pintle::domain
