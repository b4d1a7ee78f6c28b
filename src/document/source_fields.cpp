#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"
#include "domain/git_place.hpp"

namespace pintle::document {
namespace {

using domain::GitSource;
using Draft = SourceDraft;

void read_git(const Cursor& at, Draft& out) {
    out.origins.emplace_back("git");
    auto& git = out.source.origin.emplace<GitSource>();
    if (at.value().is_string()) return at.read(git.repository);
    if (!at.value().is_object())
        return at.fault_of_type("the repository's URL, or a mapping with repository and revision");
    read_fields(at, git_fields(), git);
}

// "infrastructure/default" is the storage "default": other platforms name the owner of a storage too.
void read_cluster_storage(const Cursor& at, Draft& out) {
    out.origins.emplace_back("cluster_storage");
    std::string& storage = out.source.origin.emplace<domain::ClusterStorageSource>().storage;
    at.read(storage);
    storage.erase(0, storage.rfind('/') + 1);
}

// As mount(8) and /etc/fstab write it: SERVER:/PATH.
void read_nfs(const Cursor& at, Draft& out) {
    out.origins.emplace_back("nfs");
    auto& nfs = out.source.origin.emplace<domain::NfsSource>();
    if (!at.value().is_string()) {
        if (!at.value().is_object()) return at.fault_of_type("SERVER:/PATH, or a mapping with server and path");
        return read_fields(at, nfs_fields(), nfs);
    }
    std::string text;
    at.read(text);
    const std::size_t path = text.find(":/");
    nfs.server = text.substr(0, path);
    if (path != std::string::npos) nfs.path = text.substr(path + 1);
}

void read_s3(const Cursor& at, Draft& out) {
    out.origins.emplace_back("s3");
    auto& s3 = out.source.origin.emplace<domain::S3Source>();
    if (at.value().is_string()) return at.read(s3.bucket);
    if (!at.value().is_object()) return at.fault_of_type("the bucket's name, or a mapping with bucket and server");
    read_fields(at, s3_fields(), s3);
}

void read_mode(const Cursor& at, domain::S3Source& out) {
    std::string word;
    at.read(word);
    if (word == to_string(domain::S3Mode::kCopy)) out.mode = domain::S3Mode::kCopy;
    else if (word != to_string(domain::S3Mode::kMount))
        at.complain(fmt::format("expected mount or copy, got \"{}\"", to_valid_utf8(word.substr(0, 80))));
}

// People copy the address of a folder out of their browser. What is said beside it goes before what is in it.
void take_address_apart(domain::Source& source) {
    auto* git = std::get_if<GitSource>(&source.origin);
    if (git == nullptr) return;
    domain::GitPlace place = domain::take_apart(git->repository);
    git->repository = std::move(place.repository);
    if (git->revision.empty()) git->revision = std::move(place.revision);
    if (source.sub_path.empty()) source.sub_path = std::move(place.sub_path);
}

void note_unsupported(const char* kind, Draft& out) {
    out.origins.emplace_back(kind);
    out.unsupported = kind;
}

bool is_mounted(const domain::ProjectSpec& spec, const std::string& source) {
    for (const domain::Task& task : spec.tasks) {
        for (const domain::Resource& resource : task.resources) {
            if (resource.default_volume_mapping) return true;
            for (const domain::Volume& volume : resource.volumes) {
                if (volume.source == source) return true;
            }
        }
    }
    return false;
}

void check_origin(const Cursor& at, const Draft& draft) {
    if (draft.origins.size() > 1) {
        at.complain(fmt::format("a source has one origin, this one has {}", join(draft.origins, " and ")));
    } else if (draft.origins.empty()) {
        at.fault_for("git", "needs \"git\", \"cluster_storage\", \"nfs\" or \"s3\": where its content comes from");
    } else if (!draft.unsupported.empty()) {
        at.fault_for("git",
                     fmt::format("{} sources are not supported yet; git, cluster_storage, nfs and s3 are",
                                 draft.unsupported));
    }
}

}  // namespace

const std::vector<Field<GitSource>>& git_fields() {
    static const std::vector<Field<GitSource>> kFields{
        {"repository",
         {"url"},
         shape::with_example(shape::text("The URL of the repository: http(s), ssh, git, user@host:path or a path."),
                             "https://host.example/team/repo"),
         [](const Cursor& at, GitSource& out) { at.read(out.repository); },
         true},
        {"revision",
         {"branch"},
         shape::with_example(
             shape::text_or_number(
                 "A branch, tag or commit; without one, what the remote's HEAD says when a job starts."),
             "main"),
         [](const Cursor& at, GitSource& out) { at.read_spelled(out.revision); }},
        {"account",
         {"account_id"},
         shape::text("The name of an account that may read it, and write to it where jobs push; without one, it is "
                     "read without an account."),
         [](const Cursor& at, GitSource& out) { at.read(out.account); }},
    };
    return kFields;
}

const std::vector<Field<domain::NfsSource>>& nfs_fields() {
    static const std::vector<Field<domain::NfsSource>> kFields{
        {"server",
         {},
         shape::with_example(shape::text("The NFS server: a name or address, and a port where it is not 2049."),
                             "10.0.0.5"),
         [](const Cursor& at, domain::NfsSource& out) { at.read(out.server); },
         true},
        {"path",
         {},
         shape::with_default(shape::text("The folder that it exports, as the server names it."), "/"),
         [](const Cursor& at, domain::NfsSource& out) { at.read(out.path); }},
    };
    return kFields;
}

const std::vector<Field<domain::S3Source>>& s3_fields() {
    static const std::vector<Field<domain::S3Source>> kFields{
        {"bucket",
         {},
         shape::with_example(shape::text("The bucket's name."), "training-data"),
         [](const Cursor& at, domain::S3Source& out) { at.read(out.bucket); },
         true},
        {"server",
         {"endpoint"},
         shape::with_example(shape::text("A server that speaks the protocol of S3: a name, an address or a URL, with "
                                         "its port; without one, Amazon's."),
                             "https://minio.example:9000"),
         [](const Cursor& at, domain::S3Source& out) { at.read(out.server); }},
        {"region",
         {},
         shape::with_example(
             shape::text("The bucket's region; without one, us-east-1 or what the server takes for it."),
             "eu-central-1"),
         [](const Cursor& at, domain::S3Source& out) { at.read(out.region); }},
        {"account",
         {"account_id"},
         shape::text("The name of an account with key and secret; without one, the bucket is read as a public one."),
         [](const Cursor& at, domain::S3Source& out) { at.read(out.account); }},
        {"mode",
         {},
         shape::with_default(
             shape::word("mount: a file system that reads and writes the objects as the job does. copy: copied before "
                         "the job starts, and what it changed copied back at the end.",
                         {"mount", "copy"}),
             "mount"),
         read_mode},
    };
    return kFields;
}

const std::vector<Field<SourceDraft>>& source_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"name",
         {},
         shape::with_example(shape::text("The source's name: 1 to 63 lower-case letters, digits and dashes. The "
                                         "variable NAME_DIR is named after it."),
                             "src"),
         [](const Cursor& at, Draft& out) { at.read(out.source.name); },
         true},
        {"mount_path",
         {},
         shape::with_example(
             shape::text(
                 "Where the replicas see it: absolute, or below the default mount path; without one, its name there."),
             "/workspace/src"),
         [](const Cursor& at, Draft& out) { at.read(out.source.mount_path); }},
        {"sub_path",
         {},
         shape::text("A part of the origin. Of a git source, REPOSITORY/FOLDER; of a cluster storage, it also decides "
                     "who sees the folder; of S3, the beginning of the objects' names."),
         [](const Cursor& at, Draft& out) { at.read(out.source.sub_path); }},
        {"git",
         {"git_repo"},
         shape::any_of("A git repository: its URL, or a mapping.", {shape::text(""), shape::one_of("git", "")}),
         read_git},
        {"cluster_storage",
         {},
         shape::with_example(shape::text("A folder on one of the server's storages, by the storage's name."),
                             "default"),
         read_cluster_storage},
        {"nfs",
         {},
         shape::any_of("A folder of an NFS server: SERVER:/PATH, or a mapping.",
                       {shape::text(""), shape::one_of("nfs", "")}),
         read_nfs},
        {"s3",
         {"s3bucket"},
         shape::any_of("A bucket of Amazon S3 or a server like it: its name, or a mapping.",
                       {shape::text(""), shape::one_of("s3", "")}),
         read_s3},
        {"read_only",
         {},
         shape::flag("Whether the replicas may only read it.", false),
         [](const Cursor& at, Draft& out) { at.read(out.source.read_only); }},
        {"library_dir",
         {"is_lib_dir", "lib_dir"},
         shape::flag("Whether its mount path joins PYTHONPATH.", false),
         [](const Cursor& at, Draft& out) { at.read(out.source.library_dir); }},
        {"upload",
         {},
         shape::text("A folder beside this file; the client that creates the project sends its files into the source."),
         [](const Cursor& at, Draft& out) { read_beside(at, out.source.upload); }},
        {"dataset", {"dataset_fs"}, {}, [](const Cursor&, Draft& out) { note_unsupported("dataset", out); }},
        {"model", {}, {}, [](const Cursor&, Draft& out) { note_unsupported("model", out); }},
        {"host_path", {}, {}, [](const Cursor&, Draft& out) { note_unsupported("host_path", out); }},
        {"empty_dir", {}, {}, [](const Cursor&, Draft& out) { note_unsupported("empty_dir", out); }},
    };
    return kFields;
}

void read_sources(const Cursor& at, ProjectDraft& out) {
    at.read_list(kSourcesMax, [&](const Cursor& listed) {
        // Sources that are left out do not count in what the rules call sources[1].
        const Cursor item = listed.standing_for(fmt::format("sources[{}]", out.spec.sources.size()));
        SourceDraft draft;
        read_fields(item, source_fields(), draft);
        if (!draft.unsupported.empty() && out.skips_unused_sources && !is_mounted(out.spec, draft.source.name)) {
            item.warn(
                fmt::format("is left out: {} sources are not supported yet, and no task mounts it", draft.unsupported));
            return;
        }
        take_address_apart(draft.source);
        check_origin(item, draft);
        out.spec.sources.push_back(std::move(draft.source));
    });
}

}  // namespace pintle::document
