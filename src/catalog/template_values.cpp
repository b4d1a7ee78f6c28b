#include "catalog/template_values.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/faults.hpp"
#include "json/yaml_text.hpp"

namespace pintle::catalog {
namespace {

using json::Value;

/// Puts what was given over the defaults, one piece after another.
class Filling {
public:
    Filling(const TemplateDefaults& defaults, const std::vector<std::string>& storages)
        : defaults_(defaults), storages_(storages), values_(defaults.values) {
        for (const WizardEntry& entry : defaults_.wizard) {
            if (entry.kind == WizardKind::kClusterStorage && !is_storage(values_[entry.key]["value"]) &&
                !storages_.empty())
                values_.find(entry.key)->set("value", storages_.front());
        }
    }

    void take(const std::string& key, const Value& given) {
        Value* value = values_.find(key);
        if (value == nullptr) return unknown(key, given);
        const WizardEntry* entry = defaults_.find(key);
        if (entry == nullptr) {
            *value = given;
        } else if (!given.is_object()) {
            value->set("value", given);
        } else {
            for (const json::Member& part : given.as_object()) take_part(*entry, *value, part.key, part.value);
        }
    }

    void take_text(const std::string& path, const std::string& text) {
        const std::size_t dot = path.find('.');
        const std::string key = path.substr(0, dot), part = dot == std::string::npos ? "value" : path.substr(dot + 1);
        Value* value = values_.find(key);
        if (value == nullptr) return unknown(path, {});
        if (const WizardEntry* entry = defaults_.find(key))
            return take_part(*entry, *value, part, read(*entry, part, text));
        auto read = json::parse_yaml(text);
        if (!read) return complain(path, read.error().message, {});
        if (dot == std::string::npos) {
            *value = std::move(*read);
        } else if (value->is_object() && value->has(part)) {
            value->set(part, std::move(*read));
        } else {
            unknown(path, {});
        }
    }

    Result<Value> finish() {
        for (const WizardEntry& entry : defaults_.wizard) check(entry);
        TRY(faults_.result("what was given for the template"));
        return std::move(values_);
    }

private:
    static Value read(const WizardEntry& entry, const std::string& part, const std::string& text) {
        if (part != "value") return Value(text);
        if (entry.kind == WizardKind::kBoolean && (text == "true" || text == "false")) return Value(text == "true");
        for (const WizardOption& option : entry.options) {
            if (option.value.scalar_text() == text) return option.value;
        }
        return Value(text);
    }

    void take_part(const WizardEntry& entry, Value& value, const std::string& part, const Value& given) {
        if (part == "wizard") return;  // Of an edited values.yaml; the template's own counts.
        if (!value.has(part))
            return complain(fmt::format("{}.{}", entry.key, part),
                            fmt::format("{} has no {}; it has {}", entry.key, shown(part), join(keys_of(value), ", ")),
                            given);
        value.set(part, given);
    }

    void check(const WizardEntry& entry) {
        const Value& value = values_[entry.key];
        std::vector<std::string> parts = parts_of(entry.kind);
        parts.emplace_back("value");
        for (const std::string& part : parts) {
            const std::string path = part == "value" ? entry.key : fmt::format("{}.{}", entry.key, part);
            if (const auto fault = part_fault(entry, part, value[part])) complain(path, *fault, value[part]);
            else if (part == "value" && entry.kind == WizardKind::kClusterStorage && !is_storage(value[part]))
                complain(path, no_storage(value[part].as_string()), value[part]);
        }
    }

    // "infrastructure/default" is the storage "default", as in a project's document.
    [[nodiscard]] bool is_storage(const Value& value) const {
        if (!value.is_string()) return false;
        const std::string& name = value.as_string();
        return std::find(storages_.begin(), storages_.end(), name.substr(name.rfind('/') + 1)) != storages_.end();
    }
    [[nodiscard]] std::string no_storage(const std::string& name) const {
        return storages_.empty()
                   ? "the server has no storages; ask its operator for one"
                   : fmt::format("there is no storage \"{}\"; there are {}", shown(name), join(storages_, ", "));
    }

    void unknown(const std::string& path, const Value& given) {
        std::vector<std::string> keys = keys_of(values_);
        const auto near = nearest(path.substr(0, path.find('.')), keys);
        if (keys.size() > 20) keys.resize(20);
        complain(path,
                 near ? fmt::format("the template has no value {}; did you mean {}?", shown(path), *near)
                      : fmt::format("the template has no value {}; it has {}", shown(path),
                                    keys.empty() ? "none" : join(keys, ", ")),
                 given);
    }
    void complain(std::string path, std::string message, const Value& given) {
        faults_.error(
            {to_valid_utf8(path.substr(0, 200)), std::move(message), given.place().line, given.place().column});
    }
    static std::string shown(const std::string& text) { return to_valid_utf8(text.substr(0, 80)); }
    static std::vector<std::string> keys_of(const Value& mapping) {
        std::vector<std::string> keys;
        for (const json::Member& member : mapping.as_object()) keys.push_back(member.key);
        return keys;
    }

    const TemplateDefaults& defaults_;
    const std::vector<std::string>& storages_;
    Value values_;
    json::Faults faults_;
};

}  // namespace

Result<Value> complete_values(const TemplateDefaults& defaults, const GivenValues& given,
                              const std::vector<std::string>& storages) {
    Filling filling(defaults, storages);
    if (given.values.is_object()) {
        for (const json::Member& member : given.values.as_object()) filling.take(member.key, member.value);
    } else if (!given.values.is_null()) {
        return fail(ErrorCode::kInvalid, "values: expected a mapping, got {}", given.values.type_name());
    }
    for (const auto& [path, text] : given.texts) filling.take_text(path, text);
    return filling.finish();
}

}  // namespace pintle::catalog
