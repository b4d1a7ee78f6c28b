#include "source/source_preparer.hpp"

#include <algorithm>
#include <atomic>
#include <map>

#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"
#include "source/git_source.hpp"

namespace pintle::source {
namespace {

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

// What one prepare() has done so far.
struct Work {
    const domain::Job& job;
    const Progress& progress;
    std::map<std::string, GitCheckout> checkouts;  // by source
};

domain::ProjectSpec project_of(const domain::JobSpec& job) {
    domain::ProjectSpec spec;
    spec.name = job.project_name;
    spec.default_mount_path = job.default_mount_path;
    spec.sources = job.sources;
    return spec;
}

std::string revision_of(const domain::Task& task, const std::string& source) {
    for (const auto& [name, revision] : task.revisions) {
        if (name == source) return revision;
    }
    return {};
}

// Whether a resource of the job mounts it otherwise than read-only.
bool is_written(const domain::JobSpec& spec, const domain::Source& source) {
    const domain::ProjectSpec project = project_of(spec);
    for (const domain::Resource& resource : spec.task.resources) {
        const auto volumes = domain::resolve_volumes(project, resource);
        if (!volumes) continue;
        for (const domain::ResolvedVolume& volume : *volumes) {
            if (volume.source == source.name && !volume.read_only) return true;
        }
    }
    return false;
}

// Ids name folders here.
bool is_fit_for_a_folder(const std::string& id) {
    return !id.empty() && id.find('/') == std::string::npos && id != "." && id != "..";
}

bool lies_within(const std::string& folder, const std::string& other) {
    return folder != other && folder.starts_with(other + "/");
}

}  // namespace

struct SourcePreparer::Impl {
    explicit Impl(SourceOptions given)
        : options(std::move(given)),
          git(options.cache_folder, options.work_folder, options.git_timeout),
          storage(options.storages),
          reading_folder(options.work_folder + "/.git-access") {
        // What a crash may have left there are secrets.
        const auto removed = os::remove_tree(reading_folder);
        if (!removed) log::warn("source.access_left", {{"folder", reading_folder}, {"error", removed.error().message}});
    }

    /// The one place that knows every kind of source: a new one is another alternative here.
    Result<std::string> place(Work& work, const domain::Source& source, const std::string& sub_path) const {
        return std::visit(
            Overload{[&](const domain::GitSource& origin) { return place_git(work, source, origin, sub_path); },
                     [&](const domain::ClusterStorageSource&) {
                         return storage.prepare(source, {work.job.spec.home.str(), work.job.spec.project_name}, sub_path);
                     },
                     [&](const domain::NfsSource&) { return cannot_mount(source); },
                     [&](const domain::S3Source&) { return cannot_mount(source); }},
            source.origin);
    }

    static Result<std::string> cannot_mount(const domain::Source& source) {
        return fail(ErrorCode::kUnavailable, "this server cannot mount {} sources", domain::kind_of(source));
    }

    Result<std::string> place_git(Work& work, const domain::Source& source, const domain::GitSource& origin,
                                  const std::string& sub_path) const {
        auto found = work.checkouts.find(source.name);
        if (found == work.checkouts.end()) {
            const std::string revision = revision_of(work.job.spec.task, source.name);
            GitCheckout checkout = TRY(git.check_out(work.job.id, source.name, origin, revision, work.progress, login_of(work, source)));
            found = work.checkouts.emplace(source.name, std::move(checkout)).first;
        }
        return folder_in(found->second, sub_path, work.progress);
    }

    /// Opens the account when it is asked for: it may have got another secret since the last try.
    Result<domain::OpenAccount> open_account(const domain::UserId& user, const std::string& name) const {
        if (options.accounts) return options.accounts(user, name);
        return fail(ErrorCode::kNotFound, "there is no account \"{}\"", name);
    }

    GitLogin login_of(const Work& work, const domain::Source& source) const {
        const std::string account(domain::account_of(source));
        if (account.empty()) return {};
        return {[this, user = work.job.owner, account] { return open_account(user, account); }, is_written(work.job.spec, source)};
    }

    std::vector<std::string> existing_folders(const domain::ProjectSpec& spec, const std::string& organisation,
                                              bool is_private) const {
        std::vector<std::string> folders;
        for (const domain::Source& source : spec.sources) {
            if (!std::holds_alternative<domain::ClusterStorageSource>(source.origin) ||
                domain::is_private_sub_path(source.sub_path) != is_private) {
                continue;
            }
            const auto folder = storage.path_of(source, {organisation, spec.name});
            if (folder && os::exists(*folder)) folders.push_back(*folder);
        }
        std::sort(folders.begin(), folders.end());
        folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
        std::vector<std::string> outermost;
        for (const std::string& folder : folders) {
            const bool covered = std::any_of(folders.begin(), folders.end(),
                                             [&](const std::string& other) { return lies_within(folder, other); });
            if (!covered) outermost.push_back(folder);
        }
        return outermost;
    }

    const SourceOptions options;
    const GitSources git;
    const StorageSources storage;
    const std::string reading_folder;
    std::atomic<std::uint64_t> readings{0};
};

SourcePreparer::SourcePreparer(SourceOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SourcePreparer::~SourcePreparer() = default;

Result<domain::Preparation> SourcePreparer::prepare(const domain::Job& job,
                                                    const std::function<void(std::string)>& progress) {
    if (!is_fit_for_a_folder(job.id.str())) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not the id of a job", to_valid_utf8(job.id.str()));
    }
    const domain::ProjectSpec project = project_of(job.spec);
    const Progress tell = [&](std::string sentence) {
        if (progress) progress(std::move(sentence));
    };
    Work work{job, tell, {}};
    domain::Preparation preparation;
    for (const domain::Resource& resource : job.spec.task.resources) {
        for (const domain::ResolvedVolume& volume : TRY(domain::resolve_volumes(project, resource))) {
            const domain::Source& source = *project.find_source(volume.source);
            const Result<std::string> folder = impl_->place(work, source, volume.sub_path);
            if (!folder) return fail(folder.error().context(fmt::format("source {}", source.name)));
            preparation.volumes.push_back(
                {resource.name, source.name, *folder, volume.mount_path, volume.read_only, volume.library_dir});
        }
    }
    for (const auto& [source, checkout] : work.checkouts) preparation.revisions.emplace(source, checkout.commit);
    return preparation;
}

void SourcePreparer::forget(const domain::JobId& job) {
    if (!is_fit_for_a_folder(job.str())) return;
    const auto removed = os::remove_tree(fmt::format("{}/{}", impl_->options.work_folder, job.str()));
    if (!removed) log::warn("source.forget_failed", {{"job", job.str()}, {"error", removed.error().message}});
}

Result<std::string> SourcePreparer::folder_of(const domain::Source& source, const ProjectPlace& project) const {
    if (!std::holds_alternative<domain::ClusterStorageSource>(source.origin)) {
        return fail(ErrorCode::kInvalid, "{} is a {} source: it has files only while a job runs", source.name,
                    domain::kind_of(source));
    }
    return impl_->storage.prepare(source, project, source.sub_path);
}

std::vector<std::string> SourcePreparer::private_folders(const domain::ProjectSpec& spec,
                                                         const std::string& organisation) const {
    return impl_->existing_folders(spec, organisation, true);
}
std::vector<std::string> SourcePreparer::shared_folders(const domain::ProjectSpec& spec,
                                                        const std::string& organisation) const {
    return impl_->existing_folders(spec, organisation, false);
}

Result<void> SourcePreparer::move_project(const ProjectPlace& from, const ProjectPlace& to) {
    return impl_->storage.move_project(from, to);
}

Result<RepositoryFile> SourcePreparer::read_file(const domain::UserId& user, const domain::GitSource& origin,
                                                 const std::string& path, std::size_t most_bytes) const {
    const SourceOptions& options = impl_->options;
    const Git git(options.cache_folder + "/git-home", std::min(options.git_timeout, options.git_patience));
    std::optional<domain::OpenAccount> account;
    if (!origin.account.empty()) account = TRY(impl_->open_account(user, origin.account));
    const std::string folder = fmt::format("{}/{}", impl_->reading_folder, impl_->readings.fetch_add(1));
    return read_repository_file(git, options.cache_folder, {origin, account ? &*account : nullptr, folder, path, most_bytes});
}

const std::vector<Storage>& SourcePreparer::storages() const { return impl_->storage.storages(); }

}  // namespace pintle::source
