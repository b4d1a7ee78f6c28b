#include "api/call.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Result<std::optional<Time>> moment(const Call& call, std::string_view name) {
    if (!call.has_query(name)) return std::optional<Time>();
    const auto time = time_from_iso(call.query(name));
    if (time) return std::optional(*time);
    return fail(ErrorCode::kInvalid, "the parameter {}: expected a time such as 2026-03-01T12:00:00Z, got \"{}\"", name,
                to_valid_utf8(call.query(name).substr(0, 100)));
}

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
    filter.since = TRY(moment(call, "since"));
    filter.until = TRY(moment(call, "until"));
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
                               {"since", "Only then or later, such as 2026-03-01T12:00:00Z."},
                               {"until", "Only before that."}}),
         .answer = {200, "[AuditEntry]"}},
    };
}

}  // namespace pintle::api
