#include "cli/command.hpp"

#include <algorithm>

#include "cli/visible_text.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::cli {

int show(Context& context, const json::Value& answer, const std::string& short_answer,
         const std::function<void()>& human) {
    if (context.quiet) {
        if (!short_answer.empty()) context.term.line(short_answer);
    } else if (context.format == Format::kJson) {
        context.term.line(json::to_json_pretty(answer));
    } else if (context.format == Format::kYaml) {
        context.term.write(json::to_yaml(answer));
    } else {
        human();
    }
    return 0;
}

int show(Context& context, const json::Value& answer, const std::function<void()>& human) {
    return show(context, answer, "", human);
}

json::Value as_answer(const ApiClient::Page& page) {
    json::Value answer = json::Value::object({{"items", page.items}, {"next_cursor", page.next_cursor}});
    if (page.commit.is_string()) answer.set("commit", page.commit);
    return answer;
}

void print_faults(Terminal& term, const std::string& file, const std::vector<Fault>& faults, std::string_view kind) {
    std::vector<std::string> places;
    std::size_t width = 0;
    for (const Fault& fault : faults) {
        std::string place = file + ":";
        if (fault.line > 0) place += fmt::format("{}:", fault.line);
        if (fault.line > 0 && fault.column > 0) place += fmt::format("{}:", fault.column);
        width = std::max(width, display_width(place));
        places.push_back(std::move(place));
    }
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const std::string gap(width - display_width(places[i]) + 1, ' ');
        const std::string path = faults[i].path.empty() ? "" : faults[i].path + ": ";
        term.error_line(term.shown_as_error(fmt::format("{}{}{}{}{}", places[i], gap, kind, path, faults[i].message)));
    }
}

std::vector<Fault> faults_in(const json::Value& list) {
    std::vector<Fault> faults;
    if (!list.is_array()) return faults;
    for (const json::Value& item : list.as_array()) {
        const auto number = [&](std::string_view key) {
            return item[key].is_int() ? static_cast<int>(std::clamp<std::int64_t>(item[key].as_int(), 0, 1 << 30)) : 0;
        };
        faults.push_back({item["path"].scalar_text().value_or(""), item["message"].scalar_text().value_or(""),
                          number("line"), number("column")});
    }
    return faults;
}

Option set_option() {
    return {.name = "set",
            .value = "KEY=VALUE",
            .help = "a variable, or RESOURCE.FIELD such as worker.memory=16Gi; may be repeated",
            .repeats = true};
}

Option follow_option() {
    return {.name = "follow",
            .letter = 'f',
            .help = "show its states and logs until it ends; the exit code tells how (Ctrl-C only stops watching)"};
}

Option raw_option() {
    return {.name = "raw", .help = "leave control characters in logs as they are, on a terminal too"};
}

std::vector<Option> global_options() {
    return {
        {.name = "format",
         .letter = 'o',
         .value = "FORMAT",
         .help = "table, wide (exact times, more columns), json or yaml (the API's answer)",
         .choices = {"table", "wide", "json", "yaml"}},
        {.name = "quiet", .letter = 'q', .help = "print only what a script needs, or nothing"},
        {.name = "no-color", .help = "no colours (as does NO_COLOR)"},
        {.name = "url", .value = "URL", .help = "the server (default: PINTLE_URL, else the one of this machine)"},
        {.name = "token",
         .value = "TOKEN",
         .help = "the access token (default: PINTLE_TOKEN, else that of login, else this machine's)"},
    };
}

}  // namespace pintle::cli
