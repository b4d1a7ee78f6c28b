#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

bool flag_of(const json::Value& object, std::string_view key) {
    return object[key].is_bool() && object[key].as_bool();
}

// A zero in every row says nothing, and is then left out with its column.
std::string count_or_nothing(const json::Value& value) {
    return value.is_int() && value.as_int() > 0 ? std::to_string(value.as_int()) : std::string();
}

std::string sign_in_of(const json::Value& user) {
    std::vector<std::string> ways;
    if (flag_of(user, "has_password")) ways.emplace_back("password");
    if (const std::string provider = text_of(user, "provider"); !provider.empty()) ways.push_back(provider);
    return join(ways, ", ");
}

Table::Cell state_of(const json::Value& device) {
    const std::string use = flag_of(device, "in_use") ? "in use" : "free";
    if (device["healthy"].is_bool() && !device["healthy"].as_bool()) {
        const std::string fault = text_of(device, "fault");
        const std::string words = flag_of(device, "in_use") ? "unhealthy, in use" : "unhealthy";
        return Table::Cell(fault.empty() ? words : words + ": " + fault, Style::kBad);
    }
    return Table::Cell(use, flag_of(device, "in_use") ? Style::kBusy : Style::kGood);
}

}  // namespace

void print_devices(Context& context, const json::Value& devices, std::size_t indent) {
    Table table({{"gpu", false, false, true},
                 {"model"},
                 {"memory", true},
                 {"state", false, true, true},
                 {"pool"},
                 {"job", false, true}});
    for (const json::Value& device : devices.as_array()) {
        const bool sized = device["memory_bytes"].is_int();
        table.add({text_of(device, "name"), text_of(device, "model"),
                   sized ? bytes_in_words(int_of(device, "memory_bytes")) : "", state_of(device),
                   text_of(device, "pool"), text_of(device, "job_name")});
    }
    table.print(context.term, indent);
}

std::string pool_in_words(const json::Value& pool) {
    const std::string model = text_of(pool, "model");
    std::string words = fmt::format("{} of {} {} in use, {} free", int_of(pool, "used"), int_of(pool, "total"),
                                    model.empty() ? "GPUs" : model, int_of(pool, "free"));
    if (const auto sick = int_of(pool, "unhealthy"); sick > 0) words += fmt::format(", {} unhealthy", sick);
    if (const auto missing = int_of(pool, "missing"); missing > 0) words += fmt::format(", {} missing", missing);
    return words;
}

void print_users(Context& context, const json::Value& users, bool with_group, std::size_t indent) {
    const bool wide = context.wide();
    Table table({{"user", false, false, true},
                 {"role"},
                 {"group", false, true},
                 {"jobs", true},
                 {"gpus", true},
                 {"status"},
                 {"since"},
                 {"signs in by"},
                 {"id"}});
    for (const json::Value& user : users.as_array()) {
        table.add({text_of(user, "name"), text_of(user, "role"), with_group ? text_of(user["group"], "name") : "",
                   count_or_nothing(user["jobs"]["live"]), count_or_nothing(user["gpus"]), text_of(user, "status"),
                   when(user["created_at"], context.deps.now(), wide), wide ? sign_in_of(user) : "",
                   wide ? text_of(user, "id") : ""});
    }
    table.print(context.term, indent);
}

void print_invitation(Context& context, const json::Value& invitation) {
    Terminal& term = context.term;
    const json::Value& user = invitation["user"];
    term.line(term.plain(fmt::format("{}: {} in {}", text_of(user, "name"), text_of(user, "role"),
                                     text_of(user["group"], "name"))));
    term.line("Send them this link; it is shown only now, and sets a password once:");
    term.line("  " + term.plain(text_of(invitation, "link")));
    term.line(term.plain(fmt::format("It is good until {}. A new one: pintle user invite {}",
                                     when(invitation["expires_at"], context.deps.now(), true),
                                     as_typed(text_of(user, "name")))));
}

std::string as_typed(const std::string& name) {
    const bool is_plain =
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@/:") ==
        std::string::npos;
    return is_plain ? name : shell_quote(name);
}

std::vector<Option> group_options() {
    return {{.name = "fair-share",
             .value = "on|off",
             .help = "among jobs of equal priority, who uses least goes first",
             .choices = {"on", "off"}},
            {.name = "cohort", .value = "NAME", .help = "groups of one cohort may use each other's idle GPUs"},
            {.name = "nominal",
             .value = "N",
             .help = "GPUs that are the group's own in any case (default: all of its pool)",
             .range = std::pair{0, 1'000'000}},
            {.name = "borrow",
             .value = "N",
             .help = "how many GPUs it may use beyond its own",
             .range = std::pair{0, 1'000'000}},
            {.name = "reclaim", .help = "its waiting jobs may send back to the queue those that use its GPUs on loan"},
            {.name = "no-borrowing", .help = "leave the cohort"}};
}

Result<json::Value> group_wish(const Arguments& args) {
    json::Value wish = json::Value::object();
    if (args.has("pool")) wish.set("pool", args.get("pool"));
    if (args.has("fair-share")) wish.set("fair_share", args.get("fair-share") == "on");
    const bool borrows = args.has("nominal") || args.has("borrow") || args.has("reclaim");
    if (borrows && !args.has("cohort"))
        return fail(ErrorCode::kInvalid, "say with which groups it shares: --cohort NAME, the same for each of them");
    if (args.has("cohort") && args.has("no-borrowing"))
        return fail(ErrorCode::kInvalid, "--cohort and --no-borrowing do not go together");
    if (args.has("no-borrowing")) wish.set("borrowing", nullptr);
    if (!args.has("cohort")) return wish;
    json::Value borrowing = json::Value::object({{"cohort", args.get("cohort")}});
    if (const auto nominal = args.number("nominal")) borrowing.set("nominal", *nominal);
    if (const auto most = args.number("borrow")) borrowing.set("limit", *most);
    if (args.has("reclaim")) borrowing.set("reclaim", true);
    wish.set("borrowing", std::move(borrowing));
    return wish;
}

}  // namespace pintle::cli
