#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Positional component_argument() { return {.name = "COMPONENT", .help = "PROJECT/COMPONENT, such as digits/jupyter"}; }

// A project may be written with its group before it, a component has a plain name.
Result<std::string> component_path(const Context& context) {
    const std::string name = context.args.get("COMPONENT");
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == name.size())
        return fail(ErrorCode::kInvalid,
                    "a component is named PROJECT/COMPONENT, not \"{}\"; see: pintle component list PROJECT", name);
    return fmt::format("/projects/{}/components/{}", segment(name.substr(0, slash)), segment(name.substr(slash + 1)));
}

Style style_of(const std::string& state) {
    if (state == "Running") return Style::kGood;
    return state == "CrashLoopBackOff" ? Style::kBad : Style::kPlain;
}

void print_list(Context& context, const json::Value& components) {
    const Time now = context.deps.now();
    Table table({{"component", false, false, true},
                 {"state"},
                 {"GPUs", true},
                 {"since"},
                 {"port", true},
                 {"job"},
                 {"reason", false, true}});
    for (const json::Value& component : components.as_array()) {
        const std::string state = text_of(component, "state");
        table.add({text_of(component, "name"), Table::Cell(state, style_of(state)),
                   int_of(component, "gpus") == 0 ? "" : text_of(component, "gpus"),
                   when(component["running_since"], now, context.wide()),
                   context.wide() ? text_of(component, "port") : "", context.wide() ? text_of(component, "job") : "",
                   text_of(component, "reason")});
    }
    table.print(context.term);
}

void print_one(Context& context, const json::Value& component) {
    Terminal& term = context.term;
    const Time now = context.deps.now();
    const std::string state = text_of(component, "state");
    const auto line = [&](std::string_view what, const std::string& text) {
        if (!text.empty()) term.line(fmt::format("{:<10}{}", what, term.plain(text)));
    };
    term.line(fmt::format("{}  {}", term.styled(Style::kBold, term.plain(text_of(component, "display_name"))),
                          term.styled(style_of(state), state)));
    line("reason", text_of(component, "reason"));
    line("running", when(component["running_since"], now, context.wide()));
    if (state == "Running" && !component["url"].is_null())
        line("open it", "pintle component open " + context.args.get("COMPONENT"));
    line("command", text_of(component, "command"));
    line("port", text_of(component, "port"));
    line("GPUs", int_of(component, "gpus") == 0 ? "" : text_of(component, "gpus"));
    if (int_of(component, "idle_pause_ms") > 0)
        line("pauses", "when idle for " + to_words(Duration(int_of(component, "idle_pause_ms"))));
    line("used", when(component["last_activity"], now, context.wide()));
    line("last end", text_of(component, "last_end"));
    line("job", text_of(component, "job"));
    if (component["outdated"] == json::Value(true))
        line("note", "the project has changed since it started; restart it to follow");
}

int show_changed(Context& context, const json::Value& component) {
    return show(context, component, text_of(component, "name"), [&] {
        const std::string reason = text_of(component, "reason");
        context.term.line(
            context.term.plain(fmt::format("{}  {}{}", context.args.get("COMPONENT"), text_of(component, "state"),
                                           reason.empty() ? "" : ": " + reason)));
    });
}

Result<int> send(Context& context, std::string_view what, const json::Value& body = {}) {
    const json::Value component =
        TRY(context.api.send_json("POST", fmt::format("{}/{}", TRY(component_path(context)), what), body));
    return show_changed(context, component);
}

Command simple(std::string what, std::string summary, Result<int> (*run)(Context&)) {
    return {{.words = {"component", what},
             .summary = std::move(summary),
             .positionals = {component_argument()},
             .examples = {fmt::format("pintle component {} digits/jupyter", what)}},
            run};
}

Result<int> open(Context& context) {
    const json::Value component = TRY(context.api.get(TRY(component_path(context))));
    const std::string name = context.args.get("COMPONENT"), state = text_of(component, "state");
    if (component["may_open"] == json::Value(false))
        return fail(ErrorCode::kDenied, "{} may be opened by its owner only", name);
    if (state == "Disabled")
        return fail(ErrorCode::kConflict, "{} is disabled; start it with: pintle component enable {}", name,
                    as_typed(name));
    if (component["port"].is_null()) return fail(ErrorCode::kInvalid, "{} has no port to open", name);
    if (component["url"].is_null()) return fail(ErrorCode::kUnavailable, "this server leads nobody to components");
    const json::Value entry = TRY(context.api.get(TRY(component_path(context)) + "/open"));
    const std::string url = text_of(entry, "url");
    return show(context, entry, url, [&] {
        context.term.line(context.term.plain(url));
        if (state == "Running") context.term.error_line("it lets one browser in, within a minute");
        if (state != "Running")
            context.term.error_line(context.term.plain(
                fmt::format("{} is {}{}", name, state,
                            text_of(component, "reason").empty() ? "" : ": " + text_of(component, "reason"))));
    });
}

}  // namespace

Command component_list_command() {
    return {{.words = {"component", "list"},
             .summary = "List a project's components: Jupyter, TensorBoard and its own",
             .positionals = {project_argument()},
             .examples = {"pintle component list digits"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list(project_path(context) + "/components"));
                return show(context, as_answer(page), [&] { print_list(context, page.items); });
            }};
}

Command component_show_command() {
    return simple(
        "show", "Show a component: its state, why it is in it, how it is reached", [](Context& context) -> Result<int> {
            const json::Value component = TRY(context.api.get(TRY(component_path(context))));
            return show(context, component, text_of(component, "state"), [&] { print_one(context, component); });
        });
}

Command component_enable_command() {
    Command command = simple("enable", "Let a component run from now on", [](Context& context) -> Result<int> {
        json::Value body = json::Value::object();
        if (const auto gpus = context.args.number("gpus")) body.set("gpus", *gpus);
        return send(context, "enable", body);
    });
    command.spec.details = "It waits in the queue like a job, and is started again when it ends by itself.";
    command.spec.options = {
        {.name = "gpus", .value = "N", .help = "how many GPUs it gets, from now on", .range = std::pair{0, 1000}}};
    command.spec.examples.push_back("pintle component enable digits/jupyter --gpus 1");
    return command;
}

Command component_disable_command() {
    return simple("disable", "End a component; what it keeps in its folder stays",
                  [](Context& context) { return send(context, "disable"); });
}

Command component_restart_command() {
    return simple("restart", "End a component and start it again, with what the project says now",
                  [](Context& context) { return send(context, "restart"); });
}

Command component_pause_command() {
    return simple("pause", "End a component until somebody opens it",
                  [](Context& context) { return send(context, "pause"); });
}

Command component_open_command() {
    return simple("open", "Print an address that lets a browser in to a component, once", open);
}

Command component_logs_command() {
    Command command = logs_command();
    command.spec.words = {"component", "logs"};
    command.spec.summary = "Show what a component writes; of one that has ended, what it last wrote";
    command.spec.positionals.front() = component_argument();
    command.spec.positionals.front().name = "JOB";
    command.spec.examples = {"pintle component logs digits/jupyter --follow",
                             "pintle component logs digits/jupyter --tail 50"};
    return command;
}

}  // namespace pintle::cli
