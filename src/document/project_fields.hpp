#pragma once

#include <optional>
#include <string>
#include <vector>

#include "document/field_table.hpp"
#include "domain/project.hpp"

namespace pintle::document {

/// The fields of the project document. Both of its forms use the tables of tasks, resources and sources; only the
/// outermost mappings differ. Private to the module.
///
/// A draft is what one mapping says so far: the value and what decides how its fields go together.

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Of `requests` or of `limits`.
struct QuantitiesDraft {
    domain::Quantities quantities;
    std::optional<int> gpus;
};

struct VolumeDraft {
    domain::Volume volume;
    std::string revision;
};

struct ResourceDraft {
    domain::Resource resource;
    std::optional<bool> default_volume_mapping;
    std::optional<int> gpus;
    bool has_image = false;
    /// (source, revision) that its volumes ask for; the revisions of a source belong to the task.
    Pairs revisions;
    domain::Component component;  ///< Its other fields, where the resource is a component's.
    std::optional<domain::ComponentKind> kind;
};

struct TaskDraft {
    domain::Task task;
    Pairs volume_revisions;
};

struct SourceDraft {
    domain::Source source;
    std::vector<std::string> origins;  ///< The fields that name one, as written.
    std::string unsupported;           ///< The one of them that Pintle does not have.
};

struct ProjectDraft {
    domain::ProjectSpec spec;
    std::string summary_file;
    bool skips_unused_sources = false;  ///< A source of an unsupported kind that no task mounts is left out.
};

/// Most items of each list. Together they bound the work of checking which resource mounts what.
inline constexpr std::size_t kSourcesMax = 100;
inline constexpr std::size_t kTasksMax = 200;
inline constexpr std::size_t kResourcesMax = 50;
inline constexpr std::size_t kVolumesMax = 100;
inline constexpr std::size_t kComponentsMax = 50;
inline constexpr std::size_t kPackagesMax = 200;

[[nodiscard]] const std::vector<Field<QuantitiesDraft>>& quantity_fields();
[[nodiscard]] const std::vector<Field<domain::Images>>& image_fields();
[[nodiscard]] const std::vector<Field<VolumeDraft>>& volume_fields();
[[nodiscard]] const std::vector<Field<ResourceDraft>>& resource_fields();
/// A component is a resource with some more fields, and without those that speak of several replicas.
[[nodiscard]] const std::vector<Field<ResourceDraft>>& component_fields();
[[nodiscard]] const std::vector<Field<TaskDraft>>& task_fields();
[[nodiscard]] const std::vector<Field<domain::GitSource>>& git_fields();
[[nodiscard]] const std::vector<Field<domain::NfsSource>>& nfs_fields();
[[nodiscard]] const std::vector<Field<domain::S3Source>>& s3_fields();
[[nodiscard]] const std::vector<Field<SourceDraft>>& source_fields();
/// The outermost mapping of the plain form.
[[nodiscard]] const std::vector<Field<ProjectDraft>>& project_fields();
/// The outermost mapping of the form with `kind: MLApp`.
[[nodiscard]] const std::vector<Field<ProjectDraft>>& mlapp_fields();

void read_resource(const Cursor& at, TaskDraft& out);
/// How the fields of one resource decide about each other.
void settle(const Cursor& at, ResourceDraft& draft);
void read_components(const Cursor& at, ProjectDraft& out);
/// Those of a list that was stored before anything ran them; what does not read is left out.
[[nodiscard]] std::vector<domain::Component> kept_components(std::string_view json_text);
/// As the form with `kind: MLApp` has them: enabled unless they say otherwise.
void read_uix(const Cursor& at, ProjectDraft& out);
void read_task(const Cursor& at, ProjectDraft& out);
void read_tasks(const Cursor& at, ProjectDraft& out);
/// Call it after read_tasks(): whether a source is mounted can matter.
void read_sources(const Cursor& at, ProjectDraft& out);

/// `{NAME: VALUE}`, or a list of mappings with a name and a value; no name twice.
void read_env(const Cursor& at, Pairs& out);
/// `{SOURCE: REVISION}`, or a list of mappings with a volume's name and a revision.
void read_revisions(const Cursor& at, Pairs& out);

/// A file or folder beside the document; a document must not make a client send other files of its user.
void read_beside(const Cursor& at, std::string& out);

/// For fields that are accepted and mean nothing here.
template <class T>
void pass_over(const Cursor&, T&) {}

}  // namespace pintle::document
