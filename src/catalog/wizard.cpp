#include "catalog/wizard.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "domain/git_place.hpp"
#include "domain/source.hpp"
#include "json/reader.hpp"
#include "json/yaml_text.hpp"

namespace pintle::catalog {
namespace {

using json::Value;

constexpr std::array<std::pair<WizardKind, std::string_view>, 7> kKinds{
    {{WizardKind::kClusterStorage, "cluster_storage"},
     {WizardKind::kDataset, "dataset"},
     {WizardKind::kModel, "model"},
     {WizardKind::kGit, "git"},
     {WizardKind::kSelect, "select"},
     {WizardKind::kBoolean, "boolean"},
     {WizardKind::kText, "text"}}};
constexpr std::size_t kValuesMost = 500;
constexpr std::size_t kOptionsMost = 1000;
constexpr std::size_t kTextMost = 64 * 1024;
constexpr std::size_t kLineMost = 4096;

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const auto& [kind, name] : kKinds) names.emplace_back(name);
    return names;
}

std::vector<WizardOption> read_options(json::Reader& wizard) {
    std::vector<WizardOption> options;
    for (json::Reader& item : wizard.list("options")) {
        const bool is_mapping = item.value().is_object();
        const Value* value = is_mapping ? item.raw("value") : &item.value();
        const auto text = value == nullptr ? std::nullopt : value->scalar_text();
        if (!text) {
            item.error("expected a text, a number or a boolean, or a mapping with value and label");
            continue;
        }
        const std::string label = is_mapping ? item.scalar_text("label", *text) : *text;
        options.push_back({*value, label});
    }
    if (options.size() > kOptionsMost)
        wizard.error_at("options", fmt::format("at most {} options, these are {}", kOptionsMost, options.size()));
    return options;
}

WizardEntry read_entry(const std::string& key, json::Reader& wizard) {
    WizardEntry entry;
    entry.key = key;
    entry.name = wizard.scalar_text("name", key);
    entry.help = wizard.scalar_text({"help", "description"}, "");
    const std::string kind = wizard.text("kind", json::kRequired);
    if (const auto known = wizard_kind_from(kind)) {
        entry.kind = *known;
    } else if (!kind.empty()) {
        wizard.error_at("kind", fmt::format("there is no kind \"{}\"; there are {}", to_valid_utf8(kind.substr(0, 80)),
                                            join(kind_names(), ", ")));
    }
    entry.options = read_options(wizard);
    entry.required = wizard.boolean("required", false);
    entry.multiline = wizard.boolean("multiline", false);
    if (entry.kind == WizardKind::kSelect && entry.options.empty())
        wizard.error_at("options", "a select needs options");
    return entry;
}

Value empty_of(WizardKind kind) { return kind == WizardKind::kBoolean ? Value(false) : Value(""); }

// Templates ask for every part, whether its author thought of it or not.
Value complete_entry(const WizardEntry& entry, const Value& written) {
    Value complete = Value::object();
    for (const json::Member& member : written.as_object()) {
        if (member.key != "wizard") complete.set(member.key, member.value);
    }
    const Value* value = complete.find("value");
    if (value == nullptr || value->is_null()) complete.set("value", empty_of(entry.kind));
    for (const std::string& part : parts_of(entry.kind)) {
        const Value* given = complete.find(part);
        if (given == nullptr || given->is_null()) complete.set(part, "");
    }
    return complete;
}

bool is_blank(const Value& value) { return value.is_null() || (value.is_string() && value.as_string().empty()); }

void check_defaults(const WizardEntry& entry, const Value& complete, json::Reader& written) {
    std::vector<std::string> parts = parts_of(entry.kind);
    parts.emplace_back("value");
    for (const std::string& part : parts) {
        // What its author left empty is asked for; that it must not be is a matter of whoever installs it.
        if (is_blank(complete[part])) continue;
        if (const auto fault = part_fault(entry, part, complete[part])) written.error_at(part, *fault);
    }
}

std::optional<std::string> text_fault(const Value& value, std::size_t most, bool multiline) {
    if (!value.is_string()) return fmt::format("expected a text, got {}", value.type_name());
    const std::string& text = value.as_string();
    if (text.size() > most) return fmt::format("at most {} bytes, these are {}", most, text.size());
    if (text.find('\0') != std::string::npos) return "a text has no zero bytes";
    if (!multiline && text.find_first_of("\r\n") != std::string::npos) return "it must stand on one line";
    return std::nullopt;
}

std::optional<std::string> git_fault(const Value& value) {
    if (auto fault = text_fault(value, kLineMost, false)) return fault;
    const auto sound = domain::check_repository(domain::take_apart(value.as_string()).repository);
    return sound ? std::nullopt : std::optional(sound.error().message);
}

std::optional<std::string> select_fault(const WizardEntry& entry, const Value& value) {
    std::vector<std::string> labels;
    for (const WizardOption& option : entry.options) {
        if (option.value == value) return std::nullopt;
        labels.push_back(option.value.scalar_text().value_or(""));
    }
    const std::string given = value.scalar_text().value_or(std::string(value.type_name()));
    return fmt::format("\"{}\" is none of its options: {}", to_valid_utf8(given.substr(0, 80)),
                       to_valid_utf8(join(labels, ", ").substr(0, 500)));
}

std::optional<std::string> scalar_fault(const WizardEntry& entry, const Value& value) {
    if (value.is_string()) return text_fault(value, kTextMost, entry.multiline);
    if (value.is_number() || value.is_bool()) return std::nullopt;
    return fmt::format("expected a text, got {}", value.type_name());
}

}  // namespace

std::string_view to_string(WizardKind kind) {
    for (const auto& [known, name] : kKinds) {
        if (known == kind) return name;
    }
    return "text";
}

std::optional<WizardKind> wizard_kind_from(std::string_view text) {
    for (const auto& [kind, name] : kKinds) {
        if (name == text) return kind;
    }
    return std::nullopt;
}

std::vector<std::string> parts_of(WizardKind kind) {
    switch (kind) {
        case WizardKind::kGit: return {"revision", "accountId"};
        case WizardKind::kDataset:
        case WizardKind::kModel: return {"version", "workspace"};
        case WizardKind::kClusterStorage:
        case WizardKind::kSelect:
        case WizardKind::kBoolean:
        case WizardKind::kText: break;
    }
    return {};
}

const WizardEntry* TemplateDefaults::find(std::string_view key) const {
    const auto found =
        std::find_if(wizard.begin(), wizard.end(), [&](const WizardEntry& entry) { return entry.key == key; });
    return found == wizard.end() ? nullptr : &*found;
}

std::optional<std::string> part_fault(const WizardEntry& entry, std::string_view part, const Value& value) {
    if (part != "value") return text_fault(value, kLineMost, false);
    if (is_blank(value))
        return entry.required || entry.kind == WizardKind::kClusterStorage
                   ? std::optional<std::string>("it must be given")
                   : std::nullopt;
    switch (entry.kind) {
        case WizardKind::kClusterStorage:
        case WizardKind::kDataset:
        case WizardKind::kModel: return text_fault(value, kLineMost, false);
        case WizardKind::kGit: return git_fault(value);
        case WizardKind::kSelect: return select_fault(entry, value);
        case WizardKind::kBoolean:
            return value.is_bool() ? std::nullopt
                                   : std::optional(fmt::format("expected true or false, got {}", value.type_name()));
        case WizardKind::kText: return scalar_fault(entry, value);
    }
    return std::nullopt;
}

TemplateDefaults read_defaults(std::string_view text, std::vector<TemplateFault>& faults) {
    const std::string file(kValuesFile);
    TemplateDefaults defaults;
    auto document = json::parse_yaml(text);
    if (!document) {
        add_faults(faults, file, document.error());
        return defaults;
    }
    if (document->is_null()) return defaults;
    if (!document->is_object()) {
        faults.push_back({file,
                          {"", fmt::format("expected a mapping of values, got {}", document->type_name()),
                           document->place().line, document->place().column}});
        return defaults;
    }
    if (document->size() > kValuesMost) {
        faults.push_back(
            {file, {"", fmt::format("at most {} values, these are {}", kValuesMost, document->size()), 0, 0}});
        return defaults;
    }
    json::Faults found;
    // As one field of a mapping, so that its members can be read with their places.
    const Value whole = Value::object({{"values", *document}});
    json::Reader top(whole, "", found);
    for (auto& [key, reader] : top.members("values")) {
        if (!reader.value().is_object() || !reader.value().has("wizard")) {
            defaults.values.set(key, reader.value());
            continue;
        }
        auto wizard = reader.object("wizard");
        if (!wizard) {
            defaults.values.set(key, reader.value());
            continue;
        }
        WizardEntry entry = read_entry(key, *wizard);
        Value complete = complete_entry(entry, reader.value());
        check_defaults(entry, complete, reader);
        defaults.values.set(key, std::move(complete));
        defaults.wizard.push_back(std::move(entry));
    }
    if (const auto sound = found.result(kValuesFile); !sound) {
        for (Fault fault : sound.error().details) {
            if (fault.path.starts_with("values.")) fault.path.erase(0, 7);
            faults.push_back({file, std::move(fault)});
        }
    }
    return defaults;
}

}  // namespace pintle::catalog
