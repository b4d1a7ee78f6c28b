#include "cli/template_choice.hpp"

#include "base/text.hpp"
#include "cli/words.hpp"
#include "json/yaml_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kValuesMost = 1u << 20;

}  // namespace

Positional template_argument() {
    return {.name = "TEMPLATE", .help = "a template's name, or CATALOG/NAME", .offer = Offer::kTemplate};
}

std::vector<Option> template_options() {
    return {{.name = "set",
             .value = "NAME=VALUE",
             .help = "a value of the template; a part of one is NAME.PART",
             .repeats = true},
            {.name = "values",
             .value = "FILE",
             .help = "values from a YAML file, such as an edited values.yaml",
             .offer = Offer::kFile},
            {.name = "name", .value = "PROJECT", .help = "the project's name (default: the template's)"}};
}

std::string TemplateChoice::path() const { return fmt::format("/catalog/{}/{}", segment(catalog), segment(name)); }

Result<TemplateChoice> chosen_template(Context& context) {
    const std::string written = context.args.get("TEMPLATE");
    if (const std::size_t slash = written.find('/'); slash != std::string::npos)
        return TemplateChoice{written.substr(0, slash), written.substr(slash + 1)};
    const json::Value all = TRY(context.api.get("/catalog"));
    std::vector<std::string> catalogs, names;
    if (all["items"].is_array()) {
        for (const json::Value& item : all["items"].as_array()) {
            names.push_back(text_of(item, "name"));
            if (names.back() == written) catalogs.push_back(text_of(item, "catalog"));
        }
    }
    if (catalogs.size() == 1) return TemplateChoice{catalogs.front(), written};
    if (catalogs.size() > 1)
        return fail(ErrorCode::kConflict, "several catalogs have a template {}; say which: {}/{}", written,
                    join(catalogs, "/" + written + ", "), written);
    const auto near = nearest(written, names);
    return fail(ErrorCode::kNotFound, "there is no template {}; {}", written,
                near ? fmt::format("did you mean {}?", *near) : "pintle catalog list shows them");
}

Result<json::Value> template_request(Context& context) {
    json::Value body = json::Value::object();
    if (context.args.has("name")) body.set("name", context.args.get("name"));
    if (const std::string path = context.args.get("values"); !path.empty()) {
        auto values = json::parse_yaml(TRY(os::read_file(path, kValuesMost)));
        if (!values) return fail(values.error().context(path));
        if (!values->is_null()) body.set("values", std::move(*values));
    }
    json::Value texts = json::Value::object();
    for (const std::string& text : context.args.all("set")) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorCode::kInvalid, "--set is written as --set NAME=VALUE, not \"{}\"", text);
        texts.set(text.substr(0, equals), text.substr(equals + 1));
    }
    if (texts.size() > 0) body.set("texts", std::move(texts));
    return body;
}

void print_template_faults(Context& context, const json::Value& faults, std::string_view kind) {
    if (!faults.is_array()) return;
    for (const json::Value& fault : faults.as_array()) {
        std::string line = text_of(fault, "file");
        if (fault["line"].is_int()) line += fmt::format(":{}", fault["line"].as_int());
        if (fault["line"].is_int() && fault["column"].is_int()) line += fmt::format(":{}", fault["column"].as_int());
        const std::string path = text_of(fault, "path");
        line += fmt::format(": {}{}{}{}", kind, path, path.empty() ? "" : ": ", text_of(fault, "message"));
        context.term.error_line(context.term.shown_as_error(line));
    }
}

}  // namespace pintle::cli
