#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"

namespace pintle::document {
namespace {

using domain::GitSource;
using Draft = SourceDraft;

void read_account(const Cursor& at, GitSource&) {
    if (at.value() == json::Value("")) return;
    at.warn("is ignored: repositories are read without an account");
}

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
        at.fault_for("git", "needs \"git\" or \"cluster_storage\": where its content comes from");
    } else if (!draft.unsupported.empty()) {
        at.fault_for("git",
                     fmt::format("{} sources are not supported yet; git and cluster_storage are", draft.unsupported));
    }
}

}  // namespace

const std::vector<Field<GitSource>>& git_fields() {
    static const std::vector<Field<GitSource>> kFields{
        {"repository",
         {"url"},
         shape::with_example(shape::text("The URL of the repository: http(s), ssh, git, user@host:path or a path. It "
                                         "is read without an account."),
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
        {"account_id", {"account"}, {}, read_account},
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
                     "who sees the folder."),
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
        {"nfs", {}, {}, [](const Cursor&, Draft& out) { note_unsupported("nfs", out); }},
        {"s3", {"s3bucket"}, {}, [](const Cursor&, Draft& out) { note_unsupported("s3", out); }},
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
        check_origin(item, draft);
        out.spec.sources.push_back(std::move(draft.source));
    });
}

}  // namespace pintle::document
