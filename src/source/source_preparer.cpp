#include "source/source_preparer.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"
#include "source/addresses.hpp"
#include "source/beneath.hpp"
#include "source/git_access.hpp"
#include "source/git_files.hpp"
#include "source/git_source.hpp"
#include "source/git_views.hpp"
#include "source/mount.hpp"
#include "source/nfs_files.hpp"
#include "source/s3_files.hpp"
#include "source/storage_files.hpp"

namespace pintle::source {
namespace {

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

constexpr std::size_t kSendersMost = 64;

// What one prepare() has done so far.
struct Work {
    const domain::Job& job;
    const Progress& progress;
    std::map<std::string, GitCheckout> checkouts;  // by source
    std::set<std::string> written_back;            // sources
    Limits limits{};
};

// The beginning of objects' names: a slash before it means nothing.
std::string plain_prefix(const std::string& sub_path) {
    std::string clean = domain::clean_sub_path(sub_path).value_or("");
    if (clean.starts_with('/')) clean.erase(0, 1);
    return clean;
}

// The folder of a mounted source, made where it may be written.
Result<std::string> folder_below(const std::string& mount_point, const std::string& path, bool read_only) {
    if (path.empty()) return mount_point;
    const os::UniqueFd root = TRY(open_root(mount_point));
    if (!read_only) return real_path_of(TRY(make_folders_beneath(root.get(), path)));
    return real_path_of(TRY(open_beneath(root.get(), path, O_RDONLY | O_DIRECTORY)));
}

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
          git(options.cache_folder, options.work_folder, options.git_timeout, address_of()),
          storage(options.storages),
          reading_folder(options.work_folder + "/.git-access"),
          nfs(options.nfs),
          s3(options.s3) {
        // What a crash may have left there are secrets.
        const auto removed = os::remove_tree(reading_folder);
        if (!removed) log::warn("source.access_left", {{"folder", reading_folder}, {"error", removed.error().message}});
    }

    /// Refuses sources at addresses where the administrator lets none be.
    Result<void> check_address(const domain::Source& source) const {
        if (options.private_addresses) return {};
        std::string host;
        if (const auto* git_origin = std::get_if<domain::GitSource>(&source.origin))
            host = TRY(domain::repository_server(git_origin->repository)).host;
        if (const auto* nfs_origin = std::get_if<domain::NfsSource>(&source.origin))
            host = TRY(domain::parse_server(nfs_origin->server)).host;
        if (const auto* s3_origin = std::get_if<domain::S3Source>(&source.origin);
            s3_origin != nullptr && !s3_origin->server.empty())
            host = TRY(domain::parse_s3_server(s3_origin->server)).address.host;
        if (!host.empty()) TRY(public_address_of(host));
        return {};
    }

    /// The one place that knows every kind of source: a new one is another alternative here.
    Result<std::string> place(Work& work, const domain::Source& source, const std::string& sub_path) const {
        TRY(check_address(source));
        return std::visit(
            Overload{
                [&](const domain::GitSource& origin) { return place_git(work, source, origin, sub_path); },
                [&](const domain::ClusterStorageSource&) {
                    return storage.prepare(source, {work.job.spec.home.str(), work.job.spec.project_name}, sub_path);
                },
                [&](const domain::NfsSource& origin) { return place_nfs(work, source, origin, sub_path); },
                [&](const domain::S3Source& origin) { return place_s3(work, source, origin, sub_path); }},
            source.origin);
    }

    std::string folder_of_job(const domain::JobId& job) const {
        return fmt::format("{}/{}", options.work_folder, job.str());
    }

    /// Where names are looked at, the address that was looked at is the one that is asked.
    Result<domain::ServerAddress> nfs_address(const domain::NfsSource& origin) const {
        domain::ServerAddress address = TRY(domain::parse_server(origin.server));
        if (!options.private_addresses) address.host = TRY(public_address_of(address.host));
        return address;
    }

    Result<std::string> place_nfs(Work& work, const domain::Source& source, const domain::NfsSource& origin,
                                  const std::string& sub_path) const {
        const std::string mount_point = fmt::format("{}/nfs/{}", folder_of_job(work.job.id), source.name);
        const domain::ServerAddress address = TRY(nfs_address(origin));
        domain::NfsSource server = origin;
        server.server = domain::host_in_url(address) + (address.port != 0 ? fmt::format(":{}", address.port) : "");
        TRY(nfs.mount(server, mount_point, source.read_only));
        return folder_below(mount_point, plain_prefix(sub_path), source.read_only);
    }

    /// Objects below another prefix are another mount: folders that are empty do not last in a bucket.
    std::string s3_folder(const domain::JobId& job, const domain::Source& source, const std::string& sub_path) const {
        const std::string prefix = plain_prefix(sub_path);
        if (prefix == plain_prefix(source.sub_path)) return fmt::format("{}/s3/{}", folder_of_job(job), source.name);
        return fmt::format("{}/s3/{}@{}", folder_of_job(job), source.name,
                           replace_all(replace_all(prefix, "@", "@0"), "/", "@1"));
    }

    Result<Bucket> bucket(const domain::S3Source& origin, const std::string& sub_path,
                          const domain::UserId& user) const {
        S3Keys keys;
        if (!origin.account.empty()) {
            const domain::OpenAccount account = TRY(open_account(user, origin.account));
            if (account.kind != domain::AccountKind::kS3) {
                return fail(ErrorCode::kDenied, "the account {} is not for S3 but for {}", account.name,
                            to_string(account.kind));
            }
            const std::string server =
                origin.server.empty() ? "s3.amazonaws.com" : domain::server_name_of(origin.server);
            if (!account.server.empty() && account.server != server) {
                return fail(ErrorCode::kDenied, "the account {} is for {} alone, and the bucket is on {}", account.name,
                            account.server, server);
            }
            keys = {account.user, account.secret};
        }
        return bucket_of(origin, plain_prefix(sub_path), keys);
    }

    Result<std::string> place_s3(Work& work, const domain::Source& source, const domain::S3Source& origin,
                                 const std::string& sub_path) const {
        const std::string folder = s3_folder(work.job.id, source, sub_path);
        const Bucket opened = TRY(bucket(origin, sub_path, work.job.owner));
        TRY(s3.open(origin, opened, folder, source.read_only, work.progress));
        if (!source.read_only) work.written_back.insert(source.name);
        return folder;
    }

    Result<std::string> place_git(Work& work, const domain::Source& source, const domain::GitSource& origin,
                                  const std::string& sub_path) const {
        auto found = work.checkouts.find(source.name);
        if (found == work.checkouts.end()) {
            const std::string revision = revision_of(work.job.spec.task, source.name);
            GitCheckout checkout =
                TRY(git.check_out(work.job.id, source.name, origin, revision, work.progress, login_of(work, source),
                                  work.limits));
            found = work.checkouts.emplace(source.name, std::move(checkout)).first;
        }
        return folder_in(found->second, sub_path, work.progress);
    }

    Result<std::unique_ptr<SourceFiles>> nfs_files(const domain::Source& source, const domain::NfsSource& origin) {
        NfsFilesOptions given;
        given.root = plain_prefix(source.sub_path);
        given.read_only = source.read_only;
        given.staging = options.staging_folder;
        given.nfs = options.nfs;
        return std::make_unique<NfsFiles>(origin, TRY(nfs_address(origin)), std::move(given), senders);
    }

    Result<std::unique_ptr<SourceFiles>> s3_files(const domain::Source& source, const domain::S3Source& origin,
                                                  const domain::UserId& user) {
        S3FilesOptions given;
        given.read_only = source.read_only;
        given.user = user.str();
        given.staging = options.staging_folder;
        return std::make_unique<S3Files>(TRY(bucket(origin, source.sub_path, user)), std::move(given), senders, listed);
    }

    Result<GitViews::Wish> wish_of(const domain::GitSource& origin, const domain::UserId& user) const {
        TRY(domain::check_repository(origin.repository));
        GitViews::Wish wish{origin, {}, user.str()};
        if (!origin.account.empty()) wish.account = TRY(open_account(user, origin.account));
        return wish;
    }

    Result<std::unique_ptr<SourceFiles>> git_files(const domain::Source& source, const domain::GitSource& origin,
                                                   const domain::UserId& user) {
        GitViews::Wish wish = TRY(wish_of(origin, user));
        GitFilesOptions given;
        given.sub_path = plain_prefix(source.sub_path);
        return std::make_unique<GitFiles>(views, std::move(wish), std::move(given), senders);
    }

    /// Opens the account when it is asked for: it may have got another secret since the last try.
    Result<domain::OpenAccount> open_account(const domain::UserId& user, const std::string& name) const {
        if (options.accounts) return options.accounts(user, name);
        return fail(ErrorCode::kNotFound, "there is no account \"{}\"", name);
    }

    GitLogin login_of(const Work& work, const domain::Source& source) const {
        const std::string account(domain::account_of(source));
        if (account.empty()) return {};
        return {[this, user = work.job.owner, account] { return open_account(user, account); },
                is_written(work.job.spec, source)};
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

    [[nodiscard]] GitViewsOptions views_options() const {
        GitViewsOptions given;
        given.cache_folder = options.cache_folder;
        given.access_folder = reading_folder;
        given.patience = std::min(given.patience, options.git_patience);
        given.fetch_limit = options.git_timeout;
        given.address_of = address_of();
        return given;
    }

    [[nodiscard]] AddressOf address_of() const {
        return options.private_addresses ? AddressOf() : AddressOf(public_address_of);
    }

    const SourceOptions options;
    const GitSources git;
    const StorageSources storage;
    const std::string reading_folder;
    std::atomic<std::uint64_t> readings{0};
    const NfsSources nfs;
    const S3Sources s3;
    FileSenders senders{kSendersMost};
    ListedFolders listed;
    GitViews views{views_options()};
};

SourcePreparer::SourcePreparer(SourceOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SourcePreparer::~SourcePreparer() = default;

Result<domain::Preparation> SourcePreparer::prepare(const domain::Job& job,
                                                    const std::function<void(std::string)>& progress,
                                                    const std::function<void(const domain::Source&)>& begins,
                                                    const Limits& limits) {
    if (!is_fit_for_a_folder(job.id.str())) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not the id of a job", to_valid_utf8(job.id.str()));
    }
    const domain::ProjectSpec project = project_of(job.spec);
    const Progress tell = [&](std::string sentence) {
        if (progress) progress(std::move(sentence));
    };
    Work work{job, tell, {}, {}, limits};
    domain::Preparation preparation;
    for (const domain::Resource& resource : job.spec.task.resources) {
        for (const domain::ResolvedVolume& volume : TRY(domain::resolve_volumes(project, resource))) {
            const domain::Source& source = *project.find_source(volume.source);
            if (begins) begins(source);
            const Result<std::string> folder = impl_->place(work, source, volume.sub_path);
            if (!folder) return fail(folder.error().context(fmt::format("source {}", source.name)));
            preparation.volumes.push_back(
                {resource.name, source.name, *folder, volume.mount_path, volume.read_only, volume.library_dir});
        }
    }
    preparation.written_back.assign(work.written_back.begin(), work.written_back.end());
    for (const auto& [source, checkout] : work.checkouts) preparation.revisions.emplace(source, checkout.commit);
    return preparation;
}

Result<void> SourcePreparer::finish(const domain::Job& job, const std::function<void(std::string)>& progress) {
    const domain::ProjectSpec project = project_of(job.spec);
    const Progress tell = [&](std::string sentence) {
        if (progress) progress(std::move(sentence));
    };
    std::set<std::string> done;
    for (const domain::Resource& resource : job.spec.task.resources) {
        for (const domain::ResolvedVolume& volume : TRY(domain::resolve_volumes(project, resource))) {
            const domain::Source& source = *project.find_source(volume.source);
            const auto* origin = std::get_if<domain::S3Source>(&source.origin);
            if (origin == nullptr || source.read_only) continue;
            const std::string folder = impl_->s3_folder(job.id, source, volume.sub_path);
            if (!done.insert(folder).second || !S3Sources::has_unsent(folder)) continue;
            const auto bucket = impl_->bucket(*origin, volume.sub_path, job.owner);
            const Result<void> flushed = bucket ? impl_->s3.flush(*bucket, folder, tell) : fail(bucket.error());
            if (!flushed) return fail(flushed.error().context(fmt::format("source {}", source.name)));
        }
    }
    return {};
}

void SourcePreparer::forget(const domain::JobId& job) {
    if (!is_fit_for_a_folder(job.str())) return;
    const std::string folder = impl_->folder_of_job(job);
    if (!os::exists(folder)) return;
    bool is_clear = true;
    for (const std::string& mount_point : mounts_within(folder)) {
        const auto undone = undo_mount(mount_point, std::chrono::seconds(5));
        if (undone) continue;
        is_clear = false;
        log::error("source.unmount_failed", {{"job", job.str()}, {"error", undone.error().message}});
    }
    // What is mounted there belongs to others: nothing is removed through a mount.
    if (!is_clear || !mounts_within(folder).empty()) return;
    if (const auto copies = os::list_folder(folder + "/s3")) {
        for (const std::string& name : *copies) {
            if (name.find('.') != std::string::npos || !S3Sources::has_unsent(folder + "/s3/" + name)) continue;
            log::error("source.results_kept", {{"job", job.str()}, {"folder", folder + "/s3"}, {"source", name}});
            return;
        }
    }
    const auto removed = os::remove_tree(folder);
    if (!removed) log::warn("source.forget_failed", {{"job", job.str()}, {"error", removed.error().message}});
}

std::vector<domain::JobId> SourcePreparer::leftovers(const std::set<domain::JobId>& live) const {
    std::vector<domain::JobId> found;
    const auto names = os::list_folder(impl_->options.work_folder);
    if (!names) return found;
    for (const std::string& name : *names) {
        domain::JobId id(name);
        if (live.count(id) == 0 && is_fit_for_a_folder(name) && !name.starts_with('.')) found.push_back(std::move(id));
    }
    return found;
}

Result<void> SourcePreparer::check(const domain::Source& source, const ProjectPlace& project,
                                   const domain::UserId& user, const std::string& id) {
    if (!is_fit_for_a_folder(id)) return fail(ErrorCode::kInvalid, "\"{}\" cannot name a check", to_valid_utf8(id));
    domain::Job job;
    job.id = domain::JobId(id);
    job.owner = user;
    job.spec.project_name = project.project;
    job.spec.home = domain::GroupId(project.organisation);
    domain::Source read_only = source;
    read_only.read_only = true;
    // A copy would take long; whether the bucket can be listed is what matters.
    if (auto* s3 = std::get_if<domain::S3Source>(&read_only.origin)) s3->mode = domain::S3Mode::kMount;
    const Progress quiet = [](const std::string&) {};
    Work work{job, quiet, {}, {}, {}};
    Result<void> outcome = [&]() -> Result<void> {
        if (const auto* git = std::get_if<domain::GitSource>(&source.origin)) {
            TRY(impl_->check_address(source));
            const Git asked =
                Git(impl_->options.cache_folder + "/git-home", impl_->options.git_patience).asking(impl_->address_of());
            std::optional<GitAccess> access;
            if (!git->account.empty()) {
                const domain::OpenAccount account = TRY(impl_->open_account(user, git->account));
                access.emplace(TRY(GitAccess::open(fmt::format("{}/{}", impl_->reading_folder, id), git->repository,
                                                   account, asked.known_hosts_of(account))));
            }
            TRY(asked.remote({"ls-remote", "--exit-code", "--", git->repository, "HEAD"}, git->repository,
                             access ? &*access : nullptr));
            return {};
        }
        // A folder of an export that is not there yet is made for a job, and not by a check.
        const bool is_nfs = std::holds_alternative<domain::NfsSource>(source.origin);
        const std::string folder = TRY(impl_->place(work, read_only, is_nfs ? std::string() : source.sub_path));
        TRY(open_root(folder));
        return {};
    }();
    forget(job.id);
    if (!outcome) return fail(outcome.error().context(fmt::format("source {}", source.name)));
    return {};
}

Result<std::string> SourcePreparer::folder_of(const domain::Source& source, const ProjectPlace& project) const {
    if (!std::holds_alternative<domain::ClusterStorageSource>(source.origin)) {
        return fail(ErrorCode::kInvalid, "{} is a {} source: it has files only while a job runs", source.name,
                    domain::kind_of(source));
    }
    return impl_->storage.prepare(source, project, source.sub_path);
}

Result<std::unique_ptr<SourceFiles>> SourcePreparer::files_of(const domain::Source& source, const ProjectPlace& project,
                                                              const domain::UserId& user) const {
    const auto in_words = [&](auto files) -> Result<std::unique_ptr<SourceFiles>> {
        if (!files) return fail(files.error().context(fmt::format("source {}", source.name)));
        return files;
    };
    if (std::holds_alternative<domain::ClusterStorageSource>(source.origin)) {
        std::string folder = TRY(folder_of(source, project));
        return std::make_unique<StorageFiles>(std::move(folder), TRY(impl_->storage.staging_folder_of(source)));
    }
    if (const auto checked = impl_->check_address(source); !checked)
        return fail(checked.error().context(fmt::format("source {}", source.name)));
    if (const auto* nfs = std::get_if<domain::NfsSource>(&source.origin))
        return in_words(impl_->nfs_files(source, *nfs));
    if (const auto* s3 = std::get_if<domain::S3Source>(&source.origin))
        return in_words(impl_->s3_files(source, *s3, user));
    return in_words(impl_->git_files(source, std::get<domain::GitSource>(source.origin), user));
}

void SourcePreparer::stop_looking() { impl_->views.stop(); }

std::vector<std::string> SourcePreparer::staging_folders() const {
    std::vector<std::string> folders{impl_->options.staging_folder};
    for (const Storage& storage : impl_->storage.storages()) folders.push_back(StorageSources::staging_folder(storage));
    return folders;
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

Result<GitRevisions> SourcePreparer::revisions_of(const domain::UserId& user, const domain::GitSource& origin) const {
    domain::Source source;
    source.origin = origin;
    TRY(impl_->check_address(source));
    return impl_->views.revisions(TRY(impl_->wish_of(origin, user)));
}

Result<RepositoryFile> SourcePreparer::read_file(const domain::UserId& user, const domain::GitSource& origin,
                                                 const std::string& path, std::size_t most_bytes) const {
    const SourceOptions& options = impl_->options;
    domain::Source source;
    source.origin = origin;
    TRY(impl_->check_address(source));
    const Duration patience = std::min(options.git_timeout, options.git_patience);
    const Git git = Git(options.cache_folder + "/git-home", patience)
                        .asking(impl_->address_of())
                        .within({nullptr, std::chrono::steady_clock::now() + patience, {}});
    std::optional<domain::OpenAccount> account;
    if (!origin.account.empty()) account = TRY(impl_->open_account(user, origin.account));
    const std::string folder = fmt::format("{}/{}", impl_->reading_folder, impl_->readings.fetch_add(1));
    return read_repository_file(git, options.cache_folder,
                                {origin, account ? &*account : nullptr, folder, path, most_bytes});
}

bool SourcePreparer::allows_private_addresses() const { return impl_->options.private_addresses; }

Result<void> SourcePreparer::check_address(const domain::Source& source) const { return impl_->check_address(source); }

const std::vector<Storage>& SourcePreparer::storages() const { return impl_->storage.storages(); }

}  // namespace pintle::source
