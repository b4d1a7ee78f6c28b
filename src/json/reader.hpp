#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/faults.hpp"
#include "json/value.hpp"

namespace pintle::json {

/// Marks a field whose absence is a fault: `reader.text("name", kRequired)`.
struct Required {};
inline constexpr Required kRequired{};

inline constexpr std::int64_t kNoMin = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNoMax = std::numeric_limits<std::int64_t>::max();

/// The name of a field and other spellings of it that are accepted: `{"workDir", "workdir"}`.
class FieldName {
public:
    FieldName(const char* name) : names_{name} {}
    FieldName(std::string_view name) : names_{std::string(name)} {}
    FieldName(std::initializer_list<std::string_view> names) : names_(names.begin(), names.end()) {}
    [[nodiscard]] const std::string& main() const { return names_.front(); }
    [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

private:
    std::vector<std::string> names_;
};

/// Decodes one value, most often a mapping, field by field, and reports each fault with its path and place. It
/// never stops at the first: a field that is absent or wrong gives its default and reading goes on. Null counts as
/// absent.
///
///     Faults faults;
///     Reader job(document, "", faults);
///     spec.name = job.text("name", kRequired);
///     spec.replicas = job.integer("replicas", 1, 1000, 1);
///     for (Reader& resource : job.list("resources")) …
///     job.finish();
///     TRY(faults.result("the job file"));
///
/// Threading: one thread. Ownership: borrows the value and the faults. Failure: in the faults.
class Reader {
public:
    Reader(const Value& value, std::string path, Faults& faults);

    /// Every field comes in three forms: with kRequired, with a default, or as an optional.
    std::string text(const FieldName& name, Required);
    std::string text(const FieldName& name, std::string fallback);
    std::optional<std::string> text(const FieldName& name);
    /// Numbers and booleans are taken as text too, as they were spelled: `value: 1.10` for an environment variable.
    std::string scalar_text(const FieldName& name, Required);
    std::string scalar_text(const FieldName& name, std::string fallback);
    std::optional<std::string> scalar_text(const FieldName& name);
    /// One of a few words.
    std::string choice(const FieldName& name, const std::vector<std::string>& words, Required);
    std::string choice(const FieldName& name, const std::vector<std::string>& words, std::string fallback);
    std::optional<std::string> choice(const FieldName& name, const std::vector<std::string>& words);
    /// A double without a fraction is a whole number too.
    std::int64_t integer(const FieldName& name, std::int64_t min, std::int64_t max, Required);
    std::int64_t integer(const FieldName& name, std::int64_t min, std::int64_t max, std::int64_t fallback);
    std::optional<std::int64_t> integer(const FieldName& name, std::int64_t min = kNoMin, std::int64_t max = kNoMax);
    /// Finite numbers only.
    double number(const FieldName& name, Required);
    double number(const FieldName& name, double fallback);
    std::optional<double> number(const FieldName& name);
    bool boolean(const FieldName& name, Required);
    bool boolean(const FieldName& name, bool fallback);
    std::optional<bool> boolean(const FieldName& name);

    /// Lists and mappings are empty when absent.
    std::vector<std::string> text_list(const FieldName& name);
    std::vector<std::string> text_list(const FieldName& name, Required);
    /// Items may be numbers and booleans, as in scalar_text().
    std::vector<std::string> scalar_text_list(const FieldName& name);
    std::vector<std::pair<std::string, std::string>> scalar_text_map(const FieldName& name);
    std::optional<Reader> object(const FieldName& name);
    std::optional<Reader> object(const FieldName& name, Required);
    std::vector<Reader> list(const FieldName& name);
    std::vector<Reader> list(const FieldName& name, Required);
    /// The members of a mapping whose keys are names chosen by its author.
    std::vector<std::pair<std::string, Reader>> members(const FieldName& name);
    /// As it stands; a null pointer when absent.
    const Value* raw(const FieldName& name);
    /// Accepts a field without reading it.
    void ignore(const FieldName& name) { (void)find(name); }

    /// Reports every field that was not read. Call it last.
    void finish();

    /// The value itself as text, a number …, for items of a list that are not mappings.
    std::optional<std::string> as_text();
    std::optional<std::string> as_scalar_text();
    std::optional<std::int64_t> as_integer(std::int64_t min = kNoMin, std::int64_t max = kNoMax);
    std::optional<double> as_number();
    std::optional<bool> as_boolean();

    [[nodiscard]] const Value& value() const { return *value_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Place place() const { return place_; }
    [[nodiscard]] Faults& faults() const { return *faults_; }
    /// Reports a fault of the whole value, for rules that no type can state.
    void error(std::string message) const;
    void warning(std::string message) const;
    /// The same of one of its fields, there or not.
    void error_at(std::string_view field, std::string message) const;
    void warning_at(std::string_view field, std::string message) const;

private:
    Reader(const Value& value, std::string path, Place place, Faults& faults);

    bool is_mapping();
    const Member* find(const FieldName& name);
    /// The field as a reader of its own; nothing when it is absent or null.
    std::optional<Reader> field(const FieldName& name);
    std::optional<Reader> field(const FieldName& name, Required);
    [[nodiscard]] Reader child(const Member& member) const;
    [[nodiscard]] Reader item(std::size_t index) const;
    [[nodiscard]] Fault fault(std::string message) const;
    [[nodiscard]] Fault fault_at(std::string_view field, std::string message) const;
    void expected(std::string_view what) const;
    std::optional<std::string> as_choice(const std::vector<std::string>& words);
    std::vector<Reader> as_list();
    std::vector<std::string> as_texts(bool scalars);
    std::vector<std::pair<std::string, Reader>> as_members();

    const Value* value_;
    std::string path_;
    Place place_;
    Faults* faults_;
    std::vector<bool> read_;
    std::vector<std::string> known_;
    bool told_not_mapping_ = false;
};

}  // namespace pintle::json
