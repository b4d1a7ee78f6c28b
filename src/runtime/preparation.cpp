#include "runtime/preparation.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.hpp"
#include "domain/name.hpp"
#include "domain/source.hpp"
#include "os/file.hpp"

namespace pintle::runtime {

using namespace domain;

bool needs_no_preparation(const Job& job) {
    return std::all_of(job.spec.task.resources.begin(), job.spec.task.resources.end(), [&](const Resource& resource) {
        const bool mounts = resource.default_volume_mapping ? !job.spec.sources.empty() : !resource.volumes.empty();
        return !mounts && resource.requirements.empty() && resource.packages.empty() &&
               job.spec.engine == EngineKind::kProcess;
    });
}

Result<std::string> requirements_path(const Resource& resource, const std::vector<PreparedVolume>& volumes) {
    std::string wanted = resource.requirements;
    if (!wanted.starts_with('$') && !wanted.starts_with('/')) wanted = resource.work_dir + "/" + wanted;
    for (const PreparedVolume& volume : volumes) {
        if (volume.resource != resource.name) continue;
        const std::string variable = variable_stem(volume.source) + "_DIR";
        for (const std::string& prefix : {"$" + variable + "/", "${" + variable + "}/", volume.mount_path + "/"}) {
            if (!wanted.starts_with(prefix)) continue;
            std::error_code error;
            const std::string root = std::filesystem::canonical(volume.host_path, error).string();
            const std::string file =
                std::filesystem::weakly_canonical(root + "/" + wanted.substr(prefix.size()), error).string();
            if (error || !file.starts_with(root + "/"))
                return fail(ErrorCode::kInvalid, "requirements: {} leaves its source", resource.requirements);
            return file;
        }
    }
    return fail(ErrorCode::kInvalid,
                "requirements: {} lies in no source that {} mounts; write it like $SRC_DIR/requirements.txt",
                resource.requirements, resource.name);
}

namespace {

Result<std::string> environment_of(const Resource& resource, const Preparation& preparation, engine::Engine& engine,
                                   const std::function<void(std::string)>& progress) {
    constexpr std::size_t kRequirementsMax = 1 << 20;
    std::string text;
    if (!resource.requirements.empty()) {
        const std::string path = TRY(requirements_path(resource, preparation.volumes));
        auto file = os::read_file(path, kRequirementsMax);
        if (!file)
            return fail(file.error().context(fmt::format("{}: requirements {}", resource.name, resource.requirements)));
        text = std::move(*file);
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
    }
    for (const std::string& package : resource.packages) text += package + "\n";
    auto made = engine.prepare_environment(text, progress);
    if (!made) {
        const std::string what = resource.requirements.empty() ? join(resource.packages, ", ") : resource.requirements;
        return fail(made.error().context(fmt::format("{}: the Python packages of {}", resource.name, what)));
    }
    return made;
}

constexpr const char* kPackages = "packages";

// Cluster storage lies on this machine, as do repositories that are files.
std::string place_of(const Source& source) {
    if (const auto* git = std::get_if<GitSource>(&source.origin)) {
        const auto server = domain::repository_server(git->repository);
        return !server || server->host.empty() ? "" : "git " + server->host;
    }
    if (const auto* nfs = std::get_if<NfsSource>(&source.origin)) return "nfs " + nfs->server;
    if (const auto* s3 = std::get_if<S3Source>(&source.origin)) return "s3 " + s3->server;
    return "";
}

// "host/team/image:tag" → its host; an image without one is of the service's own registry.
std::string place_of_image(const std::string& image) {
    return "images " + image.substr(0, image.find('/') == std::string::npos ? 0 : image.find('/'));
}

Result<void> prepare_images(const Job& job, engine::Engine& engine, const std::function<void(std::string)>& progress,
                            std::string& place) {
    std::set<std::string> done;
    for (const Resource& resource : job.spec.task.resources) {
        if (!resource.requirements.empty()) {
            progress(fmt::format("{}: the requirements {} are not installed; a container has the packages of its image",
                                 resource.name, resource.requirements));
        }
        if (!done.insert(resource.image()).second) continue;
        place = place_of_image(resource.image());
        auto there = engine.prepare_image(job.id, resource.image(), progress);
        if (there) continue;
        Error error = there.error().context(resource.name);
        // A registry that is away may come back; an image that does not exist is not waited for.
        if (error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kTimeout)
            error.code = ErrorCode::kInvalid;
        return fail(std::move(error));
    }
    return {};
}

}  // namespace

std::set<std::string> places_of(const Job& job) {
    std::set<std::string> places;
    for (const Resource& resource : job.spec.task.resources) {
        for (const Source& source : job.spec.sources) {
            const bool listed = std::any_of(resource.volumes.begin(), resource.volumes.end(),
                                            [&](const Volume& volume) { return volume.source == source.name; });
            if (resource.default_volume_mapping || listed) places.insert(place_of(source));
        }
        if (job.spec.engine == EngineKind::kContainer) places.insert(place_of_image(resource.image()));
        else if (!resource.requirements.empty() || !resource.packages.empty()) places.insert(kPackages);
    }
    places.erase("");
    return places;
}

std::set<std::string> places_written_by(const Job& job) {
    std::set<std::string> places;
    if (!job.preparation) return places;
    for (const Source& source : job.spec.sources) {
        const auto& written = job.preparation->written_back;
        if (std::find(written.begin(), written.end(), source.name) != written.end()) places.insert(place_of(source));
    }
    places.erase("");
    return places;
}

Result<Preparation> prepare_job(const Job& job, source::SourcePreparer& sources, engine::Engine& engine,
                                const std::function<void(std::string)>& progress, std::string& place,
                                const source::Limits& limits) {
    Preparation preparation =
        TRY(sources.prepare(job, progress, [&](const Source& source) { place = place_of(source); }, limits));
    if (job.spec.engine == EngineKind::kContainer) {
        TRY(prepare_images(job, engine, progress, place));
        return preparation;
    }
    place = kPackages;
    for (const Resource& resource : job.spec.task.resources) {
        if (resource.requirements.empty() && resource.packages.empty()) continue;
        auto environment = environment_of(resource, preparation, engine, progress);
        if (!environment) {
            // Unlike a source, packages that cannot be installed are not waited for.
            Error error = std::move(environment).error();
            error.code = ErrorCode::kInvalid;
            return fail(std::move(error));
        }
        preparation.environments[resource.name] = std::move(*environment);
    }
    return preparation;
}

}  // namespace pintle::runtime
