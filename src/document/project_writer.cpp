#include "base/text.hpp"
#include "document/project_document.hpp"
#include "domain/quantity.hpp"
#include "json/json_text.hpp"

namespace pintle::document {
namespace {

using json::Value;

void add_text(Value& out, const char* name, const std::string& text) {
    if (!text.empty()) out.add(name, text);
}

void add_flag(Value& out, const char* name, bool flag) {
    if (flag) out.add(name, true);
}

void add_number(Value& out, const char* name, int number, int otherwise = 0) {
    if (number != otherwise) out.add(name, number);
}

// `4` rather than `"4"`.
Value number_or_text(std::string text) {
    if (const auto number = parse_int(text)) return Value(*number);
    return Value(std::move(text));
}

void add_texts(Value& out, const char* name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json::Array list;
    for (const std::string& text : texts) list.emplace_back(text);
    out.add(name, Value(std::move(list)));
}

void add_quantities(Value& out, const char* name, const domain::Quantities& quantities) {
    Value written{json::Object{}};
    if (quantities.cpu_millis != 0) written.add("cpu", number_or_text(domain::format_cpu(quantities.cpu_millis)));
    if (quantities.memory_bytes != 0)
        written.add("memory", number_or_text(domain::format_memory(quantities.memory_bytes)));
    if (written.size() > 0) out.add(name, std::move(written));
}

void add_pairs(Value& out, const char* name, const std::vector<std::pair<std::string, std::string>>& pairs) {
    if (pairs.empty()) return;
    Value written{json::Object{}};
    for (const auto& [key, value] : pairs) written.set(key, value);
    out.add(name, std::move(written));
}

void add_images(Value& out, const domain::Images& images) {
    if (images.gpu.empty()) return add_text(out, "image", images.cpu);
    Value written{json::Object{}};
    add_text(written, "cpu", images.cpu);
    add_text(written, "gpu", images.gpu);
    out.add("images", std::move(written));
}

void add_volumes(Value& out, const domain::Resource& resource) {
    // Listing volumes means that no others are mounted, so the flag is written only where that is not meant.
    if (resource.default_volume_mapping != resource.volumes.empty())
        out.add("default_volume_mapping", resource.default_volume_mapping);
    add_text(out, "default_mount_path", resource.default_mount_path);
    if (resource.volumes.empty()) return;
    Value& volumes = out.add("volumes", Value(json::Array{})).as_object().back().value;
    for (const domain::Volume& volume : resource.volumes) {
        Value written = Value::object({{"source", volume.source}});
        add_text(written, "sub_path", volume.sub_path);
        add_text(written, "mount_path", volume.mount_path);
        add_flag(written, "read_only", volume.read_only);
        volumes.push(std::move(written));
    }
}

void add_resource(Value& out, const domain::Resource& resource) {
    add_number(out, "replicas", resource.replicas, 1);
    add_text(out, "work_dir", resource.work_dir);
    add_text(out, "command", resource.command);
    add_text(out, "args", resource.args);
    add_texts(out, "packages", resource.packages);
    add_text(out, "requirements", resource.requirements);
    add_quantities(out, "requests", resource.requests);
    add_quantities(out, "limits", resource.limits);
    add_number(out, "gpus", resource.gpus);
    add_pairs(out, "env", resource.env);
    add_images(out, resource.images);
    add_volumes(out, resource);
    add_text(out, "node_allocator", resource.node_allocator);
    if (resource.restart_policy != domain::RestartPolicy::kNever)
        out.add("restart_policy", to_string(resource.restart_policy));
    add_number(out, "max_restart_count", resource.max_restart_count);
    add_flag(out, "is_permanent", resource.is_permanent);
    add_number(out, "port", resource.port);
}

Value write_resource(const domain::Resource& resource) {
    Value out = Value::object({{"name", resource.name}});
    add_resource(out, resource);
    return out;
}

struct OriginWriter {
    Value& out;

    void operator()(const domain::GitSource& git) const {
        if (git.revision.empty() && git.account.empty()) {
            out.add("git", git.repository);
            return;
        }
        Value written = Value::object({{"repository", git.repository}});
        add_text(written, "revision", git.revision);
        add_text(written, "account", git.account);
        out.add("git", std::move(written));
    }
    void operator()(const domain::ClusterStorageSource& storage) const { out.add("cluster_storage", storage.storage); }
    void operator()(const domain::NfsSource& nfs) const {
        out.add("nfs", Value::object({{"server", nfs.server}, {"path", nfs.path}}));
    }
    void operator()(const domain::S3Source& s3) const {
        Value written = Value::object({{"bucket", s3.bucket}});
        add_text(written, "server", s3.server);
        add_text(written, "region", s3.region);
        add_text(written, "account", s3.account);
        if (s3.mode != domain::S3Mode::kMount) written.add("mode", to_string(s3.mode));
        out.add("s3", std::move(written));
    }
};

// The text was JSON when it was read; anything else is left out rather than written wrongly.
void add_kept(Value& out, const char* name, const std::string& text) {
    if (text.empty()) return;
    if (auto list = json::parse_json(text)) out.add(name, std::move(*list));
}

template <class Items, class Write>
void add_list(Value& out, const char* name, const Items& items, const Write& write) {
    if (items.empty()) return;
    json::Array list;
    for (const auto& item : items) list.push_back(write(item));
    out.add(name, Value(std::move(list)));
}

}  // namespace

Value write_task(const domain::Task& task) {
    Value out = Value::object({{"name", task.name}});
    if (task.kind != domain::TaskKind::kGeneral) out.add("kind", to_string(task.kind));
    if (task.timeout.count() != 0) out.add("timeout", domain::format_timeout(task.timeout));
    if (task.run_time.count() != 0) out.add("run_time", domain::format_timeout(task.run_time));
    add_text(out, "gpu_model", task.gpu_model);
    if (task.sample_interval.count() != 0) out.add("sample_interval", domain::format_timeout(task.sample_interval));
    add_text(out, "metrics_pattern", task.metrics_pattern);
    add_text(out, "tensorboard_folder", task.tensorboard_folder);
    add_pairs(out, "revisions", task.revisions);
    add_list(out, "resources", task.resources, write_resource);
    return out;
}

Value write_component(const domain::Component& component) {
    Value out = Value::object({{"name", component.name}});
    add_text(out, "display_name", component.display_name);
    if (component.kind != domain::kind_of_component(component.name)) out.add("kind", to_string(component.kind));
    add_flag(out, "enabled", component.enabled);
    if (component.shared) out.add("shared", *component.shared);
    if (component.idle_pause.count() != 0) out.add("idle_pause", domain::format_timeout(component.idle_pause));
    add_resource(out, component.resource);
    return out;
}

Value write_source(const domain::Source& source) {
    Value out = Value::object({{"name", source.name}});
    add_text(out, "mount_path", source.mount_path);
    std::visit(OriginWriter{out}, source.origin);
    add_text(out, "sub_path", source.sub_path);
    add_flag(out, "read_only", source.read_only);
    add_flag(out, "library_dir", source.library_dir);
    add_text(out, "upload", source.upload);
    return out;
}

Value write_project(const domain::ProjectSpec& spec) {
    Value out = Value::object({{"name", spec.name}});
    add_text(out, "summary", spec.summary);
    if (spec.default_mount_path != domain::ProjectSpec{}.default_mount_path)
        out.add("default_mount_path", spec.default_mount_path);
    if (spec.engine) out.add("engine", to_string(*spec.engine));
    add_list(out, "sources", spec.sources, write_source);
    add_list(out, "tasks", spec.tasks, write_task);
    add_list(out, "components", spec.components, write_component);
    add_kept(out, "form", spec.form);
    add_text(out, "form_template", spec.form_template);
    return out;
}

}  // namespace pintle::document
