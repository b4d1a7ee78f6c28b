#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/template_fault.hpp"
#include "json/value.hpp"

namespace pintle::catalog {

/// What the person who installs a template is asked for.
enum class WizardKind {
    kClusterStorage,  ///< The name of one of the server's storages.
    kDataset,         ///< A data set: its name, version and workspace; may be left empty.
    kModel,           ///< A model, likewise.
    kGit,             ///< The address of a repository or of a folder of it; with a revision and an account.
    kSelect,          ///< One of its options.
    kBoolean,
    kText,
};
[[nodiscard]] std::string_view to_string(WizardKind kind);
[[nodiscard]] std::optional<WizardKind> wizard_kind_from(std::string_view text);
/// What an entry of that kind has beside its value, all of it text: revision and accountId of a repository, …
[[nodiscard]] std::vector<std::string> parts_of(WizardKind kind);

struct WizardOption {
    json::Value value;  ///< A text, number or boolean.
    std::string label;
};

/// A value of values.yaml that has a `wizard`.
struct WizardEntry {
    std::string key;
    WizardKind kind = WizardKind::kText;
    std::string name;  ///< For people; the key when none is given.
    std::string help;
    std::vector<WizardOption> options;  ///< kSelect
    bool required = false;
    bool multiline = false;  ///< kText: whether it may have line breaks.
};

/// The values of a template as its author gave them, and which of them are asked for.
struct TemplateDefaults {
    json::Value values = json::Value::object();  ///< values.yaml without its wizards; entries have all their parts.
    std::vector<WizardEntry> wizard;

    [[nodiscard]] const WizardEntry* find(std::string_view key) const;
};

inline constexpr std::string_view kValuesFile = "values.yaml";

/// Reads a values.yaml; `faults` gets what is wrong with it.
[[nodiscard]] TemplateDefaults read_defaults(std::string_view text, std::vector<TemplateFault>& faults);

/// What is wrong with the value, or with a part of it, in words; nothing when it is fine. The value itself is the part
/// "value". Does not know which storages there are.
[[nodiscard]] std::optional<std::string> part_fault(const WizardEntry& entry, std::string_view part,
                                                    const json::Value& value);

}  // namespace pintle::catalog
