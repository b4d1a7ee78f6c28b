#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "api/storages.hpp"
#include "domain/storage_place.hpp"
#include "domain/storage_quota.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Result<net::Response> list_storages(Call& call) {
    json::Array items;
    for (const source::Storage& storage : known_storages(call)) items.push_back(storage_value(call, storage));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_storage(Call& call) {
    return json_answer(storage_full_value(call, TRY(find_known_storage(call, call.param("storage")))));
}

Result<net::Response> show_project_storage(Call& call) { return json_answer(page_value(source_uses(call), "")); }

struct QuotaWish {
    std::string project;
    std::string group;
    core::input::SetStorageQuota command;
};

Result<QuotaWish> read_wish(const net::Request& request) {
    QuotaWish wish;
    TRY(read_body(request, [&](json::Reader& body) {
        wish.project = body.text("project", std::string());
        wish.group = body.text("group", std::string());
        const std::string quota = body.scalar_text("quota", json::kRequired);
        if (wish.project.empty() == wish.group.empty())
            body.error("say whose quota it is: either of a project or of a group");
        wish.command.by_default = quota == "default";
        if (wish.command.by_default || !body.value().has("quota")) return;
        const auto bytes = domain::parse_quota(quota);
        if (bytes) wish.command.bytes = *bytes;
        else body.error_at("quota", bytes.error().message + ", or \"default\" for that of the storage");
    }));
    return wish;
}

Result<core::input::SetStorageQuota> read_quota(Call& call) {
    const source::Storage storage = TRY(find_known_storage(call, call.param("storage")));
    QuotaWish wish = TRY(read_wish(call.request));
    wish.command.owner.storage = storage.name;
    if (!wish.project.empty()) wish.command.owner.project = TRY(find_project(call, wish.project)).id;
    if (!wish.group.empty()) wish.command.owner.group = TRY(find_known_group(call, wish.group)).id;
    return wish.command;
}

// Jobs that write to what is full now are told at the next measuring.
void measure_again(Call& call, const domain::StorageOwner& owner) {
    runtime::StorageMeter& meter = call.services.deps.runtime.storage_meter();
    std::string folder = "org/" + owner.group.str();
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const domain::Project* project = core.find_project(owner.project);
        if (project != nullptr) folder = "org/" + project->home.str() + "/" + project->spec.name;
    });
    for (const runtime::FolderUse& use : meter.uses(owner.storage)) {
        if (use.folder == folder || use.folder.starts_with(folder + "/")) meter.touch(owner.storage, use.folder);
    }
}

void set_quota(const CallPtr& call) {
    auto wish = read_quota(*call);
    if (!wish) return call->answer(fail(wish.error()));
    const domain::StorageOwner owner = wish->owner;
    command(call, std::move(*wish), [owner](Call& later, const std::string& name) -> Result<net::Response> {
        measure_again(later, owner);
        return json_answer(storage_full_value(later, TRY(find_known_storage(later, name))));
    });
}

}  // namespace

std::vector<Route> storage_routes() {
    return {
        {.method = "GET",
         .path = "/storages",
         .operation = "listStorages",
         .permission = Permission::kSeeServer,
         .handler = list_storages,
         .summary = "the storages, how full they are, and how much of it one may know of",
         .answer = {200, "[Storage]"}},
        {.method = "GET",
         .path = "/storages/{storage}",
         .operation = "showStorage",
         .permission = Permission::kSeeServer,
         .handler = show_storage,
         .summary = "a storage with what lies there: by group, and by folder with the largest first",
         .answer = {200, "StorageFull"}},
        {.method = "PUT",
         .path = "/storages/{storage}/quota",
         .operation = "setStorageQuota",
         .permission = Permission::kOperate,
         .handler = set_quota,
         .summary = "set how much a project or a group may keep on a storage",
         .body = {BodyShape::Kind::kJson, "QuotaWish"},
         .answer = {200, "StorageFull"}},
        {.method = "GET",
         .path = "/projects/{project}/storage",
         .operation = "showProjectStorage",
         .permission = Permission::kSeeProject,
         .handler = show_project_storage,
         .summary = "how much lies in the sources of a project that are on storages, and the quotas that hold",
         .answer = {200, "[SourceUse]"}},
    };
}

}  // namespace pintle::api
