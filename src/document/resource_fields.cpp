#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"
#include "domain/quantity.hpp"

namespace pintle::document {
namespace {

using Draft = ResourceDraft;

void set_gpus(const Cursor& at, std::optional<int>& gpus, int value) {
    if (gpus && *gpus != value)
        return at.complain(fmt::format("asks for {}, another field for {}", count_of(value, "GPU"), *gpus));
    gpus = value;
}

template <class T>
void read_gpus(const Cursor& at, T& out) {
    int gpus = 0;
    at.read_whole(gpus, 0, true);
    set_gpus(at, out.gpus, gpus);
}

void read_quantities(const Cursor& at, Draft& out, domain::Quantities& quantities) {
    QuantitiesDraft draft;
    read_fields(at, quantity_fields(), draft);
    quantities = draft.quantities;
    if (draft.gpus) set_gpus(at, out.gpus, *draft.gpus);
}
void read_requests(const Cursor& at, Draft& out) { read_quantities(at, out, out.resource.requests); }
void read_limits(const Cursor& at, Draft& out) { read_quantities(at, out, out.resource.limits); }

// `resources: {accelerators: {gpu: 1}, requests: …, limits: …}` inside a resource: the same three in one mapping.
void read_nested(const Cursor& at, Draft& out) {
    static const std::vector<Field<Draft>> kAccelerators{{"gpu", {"gpus"}, {}, read_gpus<Draft>}};
    static const std::vector<Field<Draft>> kFields{
        {"accelerators", {}, {}, [](const Cursor& inner, Draft& draft) { read_fields(inner, kAccelerators, draft); }},
        {"requests", {}, {}, read_requests},
        {"limits", {}, {}, read_limits},
    };
    read_fields(at.dissolved(), kFields, out);
}

void note_image(const Cursor& at, Draft& out) {
    if (out.has_image) at.complain("an image is given already; give \"image\" or \"images\"");
    out.has_image = true;
}

void read_images(const Cursor& at, Draft& out) {
    note_image(at, out);
    read_fields(at, image_fields(), out.resource.images);
}

void read_image(const Cursor& at, Draft& out) {
    note_image(at, out);
    at.read(out.resource.images.cpu);
}

void read_args(const Cursor& at, Draft& out) {
    if (!at.value().is_array()) return at.read_spelled(out.resource.args);
    std::vector<std::string> parts;
    at.read_list(kMembersMax, [&](const Cursor& item) { item.read_spelled(parts.emplace_back()); });
    out.resource.args = join(parts, " ");
}

void read_packages(const Cursor& at, Draft& out) {
    at.read_list(kPackagesMax, [&](const Cursor& item) { item.read(out.resource.packages.emplace_back()); });
}

void read_restart_policy(const Cursor& at, Draft& out) {
    const std::string word = at.value().is_string() ? folded(at.value().as_string()) : std::string();
    if (word == "never") {
        out.resource.restart_policy = domain::RestartPolicy::kNever;
    } else if (word == "onfailure") {
        out.resource.restart_policy = domain::RestartPolicy::kOnFailure;
    } else if (word == "always") {
        out.resource.restart_policy = domain::RestartPolicy::kOnFailure;
        at.warn("a replica that ends well is not started again; it is read as \"on-failure\"");
    } else {
        at.fault_of_type("never or on-failure");
    }
}

// Documents of other platforms write "knode:LABEL".
void read_allocator(const Cursor& at, Draft& out) {
    at.read(out.resource.node_allocator);
    if (out.resource.node_allocator.starts_with("knode:")) out.resource.node_allocator.erase(0, 6);
}

void read_volumes(const Cursor& at, Draft& out) {
    at.read_list(kVolumesMax, [&](const Cursor& item) {
        VolumeDraft draft;
        read_fields(item, volume_fields(), draft);
        if (!draft.revision.empty()) out.revisions.emplace_back(draft.volume.source, draft.revision);
        out.resource.volumes.push_back(std::move(draft.volume));
    });
}

}  // namespace

void settle(const Cursor& at, Draft& draft) {
    domain::Resource& resource = draft.resource;
    resource.gpus = draft.gpus.value_or(0);
    resource.default_volume_mapping = draft.default_volume_mapping.value_or(resource.volumes.empty());
    if (resource.default_volume_mapping && !resource.volumes.empty()) {
        at.warn("its volumes are ignored, because default_volume_mapping is true");
    }
}

const std::vector<Field<QuantitiesDraft>>& quantity_fields() {
    static const std::vector<Field<QuantitiesDraft>> kFields{
        {"cpu",
         {},
         shape::with_example(shape::text_or_number("CPU: 100m is a tenth of a core, 2 are two cores."), "100m"),
         [](const Cursor& at, QuantitiesDraft& out) { at.read_with(domain::parse_cpu, out.quantities.cpu_millis); }},
        {"memory",
         {},
         shape::with_example(shape::text_or_number("Memory: 64Mi, 8Gi, 512M or a number of bytes."), "8Gi"),
         [](const Cursor& at, QuantitiesDraft& out) {
             at.read_with(domain::parse_memory, out.quantities.memory_bytes);
         }},
        {"gpu", {"gpus", "nvidia.com/gpu"}, {}, read_gpus<QuantitiesDraft>},
    };
    return kFields;
}

const std::vector<Field<domain::Images>>& image_fields() {
    static const std::vector<Field<domain::Images>> kFields{
        {"cpu",
         {},
         shape::text("The image when no GPU is asked for."),
         [](const Cursor& at, domain::Images& out) { at.read(out.cpu); }},
        {"gpu",
         {},
         shape::text("The image when GPUs are asked for; without one, the other is used."),
         [](const Cursor& at, domain::Images& out) { at.read(out.gpu); }},
    };
    return kFields;
}

const std::vector<Field<VolumeDraft>>& volume_fields() {
    static const std::vector<Field<VolumeDraft>> kFields{
        {"source",
         {"name"},
         shape::text("The name of a source of the project."),
         [](const Cursor& at, VolumeDraft& out) { at.read(out.volume.source); },
         true},
        {"sub_path",
         {},
         shape::text("A part of the source, below the source's own sub_path."),
         [](const Cursor& at, VolumeDraft& out) { at.read(out.volume.sub_path); }},
        {"mount_path",
         {},
         shape::text("Where the replicas see it; without one, the source's own mount_path."),
         [](const Cursor& at, VolumeDraft& out) { at.read(out.volume.mount_path); }},
        {"read_only",
         {},
         shape::flag("Whether the replicas may only read it.", false),
         [](const Cursor& at, VolumeDraft& out) { at.read(out.volume.read_only); }},
        {"git_revision", {"revision"}, {}, [](const Cursor& at, VolumeDraft& out) { at.read_spelled(out.revision); }},
    };
    return kFields;
}

const std::vector<Field<ResourceDraft>>& resource_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"name",
         {},
         shape::with_example(shape::text("The resource's name, which replicas and variables are named after: 1 to 63 "
                                         "lower-case letters, digits and dashes."),
                             "worker"),
         [](const Cursor& at, Draft& out) { at.read(out.resource.name); },
         true},
        {"replicas",
         {},
         shape::with_default(shape::whole("How many copies run at the same time.", 1, domain::kReplicasMax), 1),
         [](const Cursor& at, Draft& out) { at.read_whole(out.resource.replicas, 1); }},
        {"command",
         {},
         shape::with_example(
             shape::text("What each replica runs, as a line of the shell: variables, pipes and && work."),
             "python train.py --epochs 30"),
         [](const Cursor& at, Draft& out) { at.read(out.resource.command); },
         true},
        {"args",
         {},
         shape::any_of("Appended to the command. The items of a list are joined with spaces.",
                       {shape::text(""), shape::any_list("")}),
         read_args},
        {"work_dir",
         {"execution_directory"},
         shape::with_example(shape::text("The folder that the command starts in; variables work."), "$SRC_DIR"),
         [](const Cursor& at, Draft& out) { at.read(out.resource.work_dir); }},
        {"packages",
         {},
         shape::any_list("Python packages to install for it, each as a line of a requirements.txt; beside those of "
                         "requirements."),
         read_packages},
        {"requirements",
         {},
         shape::with_example(
             shape::text(
                 "A requirements.txt; its packages are in the Python environment of the command (engine process)."),
             "$SRC_DIR/requirements.txt"),
         [](const Cursor& at, Draft& out) { at.read(out.resource.requirements); }},
        {"requests",
         {},
         shape::one_of("requests", "What each replica needs: it starts only where this is free."),
         read_requests},
        {"limits", {}, shape::one_of("limits", "What each replica may use at most."), read_limits},
        {"gpus",
         {"gpu"},
         shape::with_default(shape::whole("How many GPUs each replica gets.", 0, 1000), 0),
         read_gpus<Draft>},
        {"resources", {}, {}, read_nested},
        {"env",
         {"environment"},
         shape::any_of("Environment variables.",
                       {shape::map_of(json::Value::object(
                            {{"type", json::Value::array({"string", "number", "boolean", "null"})}})),
                        shape::list_of("variable", "")}),
         [](const Cursor& at, Draft& out) { read_env(at, out.resource.env); }},
        {"image", {}, shape::text("The container image; short for images: {cpu: …}."), read_image},
        {"images", {}, shape::one_of("images", "The container images."), read_images},
        {"default_volume_mapping",
         {},
         shape::flag("Whether every source of the project is mounted as it is defined; volumes is then ignored. False "
                     "when volumes are listed.",
                     true),
         [](const Cursor& at, Draft& out) { at.read(out.default_volume_mapping.emplace(true)); }},
        {"default_mount_path",
         {},
         shape::text("Where sources with a relative mount_path are mounted; without one, the project's."),
         [](const Cursor& at, Draft& out) { at.read(out.resource.default_mount_path); }},
        {"volumes", {}, shape::list_of("volume", "Which sources are mounted, and where."), read_volumes},
        {"node_allocator",
         {"nodes"},
         shape::with_example(shape::text("A label KEY=VALUE or KEY that the node must carry."), "disk=ssd"),
         read_allocator},
        {"restart_policy",
         {},
         shape::with_default(
             shape::word(
                 "on-failure starts a failed replica again, up to 3 times unless max_restart_count says otherwise.",
                 {"never", "on-failure"}),
             "never"),
         read_restart_policy},
        {"max_restart_count",
         {},
         shape::with_default(shape::whole("How often a failed replica is started again.", 0, 1'000'000), 0),
         [](const Cursor& at, Draft& out) { at.read_whole(out.resource.max_restart_count, 0); }},
        {"is_permanent",
         {},
         shape::flag("Runs until every other resource has finished, and is stopped then: a parameter server.", false),
         [](const Cursor& at, Draft& out) { at.read(out.resource.is_permanent); }},
        {"port",
         {},
         shape::whole("The port its program listens on; it is appended to the addresses in its _NODES variable.", 1,
                      65535),
         [](const Cursor& at, Draft& out) { at.read_whole(out.resource.port, 0); }},
        {"labels", {}, {}, pass_over<Draft>},
    };
    return kFields;
}

void read_resource(const Cursor& at, TaskDraft& out) {
    ResourceDraft draft;
    read_fields(at, resource_fields(), draft);
    settle(at, draft);
    out.task.resources.push_back(std::move(draft.resource));
    for (auto& revision : draft.revisions) out.volume_revisions.push_back(std::move(revision));
}

}  // namespace pintle::document
