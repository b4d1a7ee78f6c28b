#include "api/call.hpp"
#include "api/moment.hpp"
#include "api/routes.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Value entry_value(const domain::AuditEntry& entry) {
    return Value::object({{"at", time_value(entry.at)},
                          {"actor", entry.actor},
                          {"via", entry.via},
                          {"address", text_or_null(entry.address)},
                          {"action", entry.action},
                          {"subject", entry.subject},
                          {"detail", text_or_null(entry.detail)}});
}

Result<net::Response> list_audit(Call& call) {
    store::AuditFilter filter;
    filter.actor = call.query("actor");
    filter.action = call.query("action");
    filter.subject = call.query("subject");
    filter.since = TRY(read_moment(call, "since"));
    filter.until = TRY(read_moment(call, "until"));
    const auto page = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.list_audit(filter, call.page()); }));
    json::Array items;
    for (const domain::AuditEntry& entry : page.items) items.push_back(entry_value(entry));
    return json_answer(page_value(std::move(items), page.next));
}

}  // namespace

std::vector<Route> audit_routes() {
    return {
        {.method = "GET",
         .path = "/audit",
         .operation = "listAudit",
         .permission = Permission::kOperate,
         .handler = list_audit,
         .summary = "who did what, when and from where, the newest first",
         .query = page_params({{"actor", "Only what this user did, by name."},
                               {"action", "Only actions that begin like this, such as \"user.\"."},
                               {"subject", "Only what was done to this."},
                               {"since", "Only then or later: a time, or how long ago such as 1h or 7d."},
                               {"until", "Only before that."}}),
         .answer = {200, "[AuditEntry]"}},
    };
}

}  // namespace pintle::api
