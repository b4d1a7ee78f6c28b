#include "domain/project.hpp"

#include <set>

#include "base/text.hpp"
#include "domain/metrics_pattern.hpp"
#include "domain/name.hpp"
#include "domain/sub_path.hpp"

namespace pintle::domain {

const Task* ProjectSpec::find_task(std::string_view wanted) const {
    for (const Task& task : tasks) {
        if (task.name == wanted) return &task;
    }
    return nullptr;
}

const Source* ProjectSpec::find_source(std::string_view wanted) const {
    for (const Source& source : sources) {
        if (source.name == wanted) return &source;
    }
    return nullptr;
}

std::optional<Component> ProjectSpec::find_component(std::string_view wanted) const {
    for (const Component& component : components) {
        if (component.name == wanted) return complete(component);
    }
    return built_in_component(wanted);
}

namespace {

ResolvedVolume as_defined(const Source& source) {
    return {source.name, source.sub_path, source.mount_path, source.read_only, source.library_dir};
}

std::string below(const Source& source, const std::string& sub_path) {
    if (std::holds_alternative<ClusterStorageSource>(source.origin))
        return storage_sub_path_below(source.sub_path, sub_path, source.name);
    return join_sub_path(source.sub_path, sub_path);
}

Result<std::vector<ResolvedVolume>> wanted_volumes(const ProjectSpec& spec, const Resource& resource) {
    std::vector<ResolvedVolume> volumes;
    if (resource.default_volume_mapping) {
        for (const Source& source : spec.sources) volumes.push_back(as_defined(source));
        return volumes;
    }
    for (const Volume& volume : resource.volumes) {
        const Source* source = spec.find_source(volume.source);
        if (source == nullptr) return fail(ErrorCode::kInvalid, "there is no source \"{}\"", volume.source);
        ResolvedVolume resolved = as_defined(*source);
        TRY(clean_sub_path(volume.sub_path));
        resolved.sub_path = below(*source, volume.sub_path);
        if (!volume.mount_path.empty()) resolved.mount_path = volume.mount_path;
        resolved.read_only = resolved.read_only || volume.read_only;
        volumes.push_back(std::move(resolved));
    }
    return volumes;
}

}  // namespace

Result<std::vector<ResolvedVolume>> resolve_volumes(const ProjectSpec& spec, const Resource& resource) {
    std::vector<ResolvedVolume> volumes = TRY(wanted_volumes(spec, resource));
    const std::string& prefix =
        resource.default_mount_path.empty() ? spec.default_mount_path : resource.default_mount_path;
    std::set<std::string> taken;
    for (ResolvedVolume& volume : volumes) {
        volume.mount_path = TRY(resolve_mount_path(volume.mount_path, prefix, volume.source));
        if (!taken.insert(volume.mount_path).second) {
            return fail(ErrorCode::kInvalid,
                        "two sources would be mounted at \"{}\"; give one of them another mount path",
                        volume.mount_path);
        }
    }
    return volumes;
}

namespace {

constexpr std::size_t kDisplayNameMax = 255;

/// Collects faults below one path of the document.
class Findings {
public:
    explicit Findings(std::vector<Fault>& faults) : faults_(faults) {}
    void add(std::string path, std::string message) {
        if (faults_.size() < kMost) faults_.push_back({std::move(path), std::move(message), 0, 0});
    }

private:
    static constexpr std::size_t kMost = 100;
    std::vector<Fault>& faults_;
};

bool is_variable_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!fine) return false;
    }
    return true;
}

void check_name(Findings& findings, const std::string& path, const std::string& name, std::set<std::string>& taken,
                std::string_view noun) {
    if (!is_valid_name(name)) {
        findings.add(path + ".name", name_fault(name));
    } else if (!taken.insert(name).second) {
        findings.add(path + ".name", fmt::format("there are two {} named \"{}\"", noun, name));
    }
}

void check_quantity(Findings& findings, const std::string& path, std::int64_t request, std::int64_t limit,
                    std::string_view what, std::string (*format)(std::int64_t)) {
    if (limit > 0 && request > limit) {
        findings.add(fmt::format("{}.requests.{}", path, what),
                     fmt::format("asks for {}, more than its limit of {}", format(request), format(limit)));
    }
}

std::string plain_cpu(std::int64_t millis) { return fmt::format("{}m", millis); }
std::string plain_bytes(std::int64_t bytes) { return bytes_in_words(bytes); }

void check_resource(Findings& findings, const ProjectSpec& spec, const Resource& resource, const std::string& path) {
    if (trim(resource.command).empty())
        findings.add(path + ".command", "is required: the program that each replica runs");
    for (const std::string* text : {&resource.command, &resource.args, &resource.work_dir}) {
        if (text->find('\0') != std::string::npos) findings.add(path + ".command", "must not contain a NUL byte");
    }
    if (resource.replicas < 1 || resource.replicas > kReplicasMax) {
        findings.add(path + ".replicas",
                     fmt::format("expected a whole number from 1 to {}, got {}", kReplicasMax, resource.replicas));
    }
    for (const std::string& package : resource.packages) {
        if (trim(package).empty() || package.find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
            findings.add(path + ".packages", "expected one package in each line, such as \"numpy\" or \"torch==2.3\"");
        }
    }
    if (resource.gpus < 0)
        findings.add(path + ".gpus", fmt::format("expected a whole number ≥ 0, got {}", resource.gpus));
    if (resource.port < 0 || resource.port > 65535)
        findings.add(path + ".port", fmt::format("expected a port from 1 to 65535, got {}", resource.port));
    check_quantity(findings, path, resource.requests.cpu_millis, resource.limits.cpu_millis, "cpu", plain_cpu);
    check_quantity(findings, path, resource.requests.memory_bytes, resource.limits.memory_bytes, "memory", plain_bytes);
    for (const auto& [name, value] : resource.env) {
        if (!is_variable_name(name))
            findings.add(
                path + ".env",
                fmt::format("\"{}\" is not a variable name: use letters, digits and _, not a digit first", name));
        if (value.find('\0') != std::string::npos)
            findings.add(path + ".env", fmt::format("the value of {} must not contain a NUL byte", name));
    }
    if (const auto volumes = resolve_volumes(spec, resource); !volumes) {
        findings.add(path + ".volumes", volumes.error().message);
    }
}

void check_nfs(Findings& findings, const NfsSource& nfs, const std::string& path) {
    if (nfs.server.empty()) {
        findings.add(path + ".server", "is required: the NFS server's name or address");
    } else if (const auto server = parse_server(nfs.server); !server) {
        findings.add(path + ".server", server.error().message);
    }
    if (const auto fine = check_nfs_path(nfs.path); !fine) findings.add(path + ".path", fine.error().message);
}

void check_s3(Findings& findings, const S3Source& s3, const std::string& path) {
    if (!s3.server.empty()) {
        if (const auto server = parse_s3_server(s3.server); !server)
            findings.add(path + ".server", server.error().message);
    }
    if (s3.bucket.empty()) {
        findings.add(path + ".bucket", "is required: the bucket's name");
    } else if (const auto fine = check_bucket(s3.bucket); !fine) {
        findings.add(path + ".bucket", fine.error().message);
    }
    if (const auto fine = check_region(s3.region); !fine) findings.add(path + ".region", fine.error().message);
}

void check_source(Findings& findings, const Source& source, const std::string& path) {
    if (const auto clean = clean_sub_path(source.sub_path); !clean)
        findings.add(path + ".sub_path", clean.error().message);
    if (const auto* git = std::get_if<GitSource>(&source.origin)) {
        if (const auto fine = check_repository(git->repository); !fine)
            findings.add(path + ".git.repository", fine.error().message);
        if (git->revision.starts_with('-'))
            findings.add(path + ".git.revision", "a revision does not begin with a dash");
    }
    if (const auto fine = check_account_name(account_of(source)); !fine) {
        findings.add(path + (std::holds_alternative<GitSource>(source.origin) ? ".git.account" : ".s3.account"),
                     fine.error().message);
    }
    if (const auto* nfs = std::get_if<NfsSource>(&source.origin)) check_nfs(findings, *nfs, path + ".nfs");
    if (const auto* s3 = std::get_if<S3Source>(&source.origin)) check_s3(findings, *s3, path + ".s3");
    if (const auto* storage = std::get_if<ClusterStorageSource>(&source.origin)) {
        if (storage->storage.empty())
            findings.add(path + ".cluster_storage", "is required: the name of a storage, for example \"default\"");
    }
}

void check_task(Findings& findings, const ProjectSpec& spec, const Task& task, const std::string& path) {
    if (task.resources.empty()) findings.add(path + ".resources", "a task needs at least one resource");
    std::set<std::string> names;
    bool all_permanent = !task.resources.empty();
    for (std::size_t i = 0; i < task.resources.size(); ++i) {
        const Resource& resource = task.resources[i];
        const std::string at = fmt::format("{}.resources[{}]", path, i);
        check_name(findings, at, resource.name, names, "resources");
        check_resource(findings, spec, resource, at);
        all_permanent = all_permanent && resource.is_permanent;
    }
    if (const auto fine = check_sample_interval(task.sample_interval); !fine)
        findings.add(path + ".sample_interval", fine.error().message);
    if (const auto fine = check_metrics_pattern(task.metrics_pattern); !fine)
        findings.add(path + ".metrics_pattern", fine.error().message);
    if (task.tensorboard_folder.find('\0') != std::string::npos)
        findings.add(path + ".tensorboard_folder", "must not contain a NUL byte");
    if (all_permanent) findings.add(path + ".resources", "every resource is permanent, so the task would never end");
    for (const auto& [source, revision] : task.revisions) {
        if (spec.find_source(source) == nullptr)
            findings.add(path + ".revisions", fmt::format("there is no source \"{}\"", source));
        if (revision.starts_with('-')) findings.add(path + ".revisions", "a revision does not begin with a dash");
    }
}

void check_component(Findings& findings, const ProjectSpec& spec, const Component& written, const std::string& path) {
    if (spec.find_task(written.name) != nullptr)
        findings.add(path + ".name", fmt::format("there is a task named \"{}\" already", written.name));
    const Component component = complete(written);
    if (component.display_name.size() > kDisplayNameMax)
        findings.add(path + ".display_name", fmt::format("is longer than {} bytes", kDisplayNameMax));
    if (component.resource.replicas != 1) findings.add(path + ".replicas", "a component has one replica");
    if (component.idle_pause.count() < 0) findings.add(path + ".idle_pause", "expected a time of at least 0");
    check_resource(findings, spec, component.resource, path);
}

}  // namespace

std::vector<Fault> validate(const ProjectSpec& spec) {
    std::vector<Fault> faults;
    Findings findings(faults);
    if (!is_valid_name(spec.name)) findings.add("name", name_fault(spec.name));
    if (!spec.default_mount_path.starts_with('/'))
        findings.add("default_mount_path", "expected an absolute path like /workspace");
    std::set<std::string> names;
    for (std::size_t i = 0; i < spec.sources.size(); ++i) {
        const std::string path = fmt::format("sources[{}]", i);
        check_name(findings, path, spec.sources[i].name, names, "sources");
        check_source(findings, spec.sources[i], path);
    }
    names.clear();
    for (std::size_t i = 0; i < spec.tasks.size(); ++i) {
        const std::string path = fmt::format("tasks[{}]", i);
        check_name(findings, path, spec.tasks[i].name, names, "tasks");
        check_task(findings, spec, spec.tasks[i], path);
    }
    names.clear();
    for (std::size_t i = 0; i < spec.components.size(); ++i) {
        const std::string path = fmt::format("components[{}]", i);
        check_name(findings, path, spec.components[i].name, names, "components");
        check_component(findings, spec, spec.components[i], path);
    }
    return faults;
}

}  // namespace pintle::domain
