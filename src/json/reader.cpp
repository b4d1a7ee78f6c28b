#include "json/reader.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "json/source_text.hpp"

namespace pintle::json {
namespace {

constexpr std::size_t kLongestShown = 40;

bool is_simple_key(std::string_view key) {
    constexpr std::string_view kSpecial = ".[]\" \t\n";
    return !key.empty() && key.size() <= 200 && key.find_first_of(kSpecial) == std::string_view::npos &&
           !first_invalid_utf8(key);
}

// Cut between characters, so that a fault does not repeat a whole hostile document.
std::string shortened(std::string_view text) {
    if (text.size() <= kLongestShown) return std::string(text);
    std::size_t end = kLongestShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return fmt::format("{}…", text.substr(0, end));
}

std::string quoted(std::string_view text) { return to_json(Value(shortened(text))); }

std::string path_of_member(const std::string& parent, std::string_view key) {
    if (!is_simple_key(key)) return fmt::format("{}[{}]", parent, quoted(key));
    return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

// What stands there: a scalar in full, a list or a mapping by its kind.
std::string shown(const Value& value) {
    if (value.is_string()) return quoted(value.as_string());
    return value.scalar_text().value_or(std::string(value.type_name()));
}

std::string expected_integer(std::int64_t min, std::int64_t max) {
    if (min == kNoMin && max == kNoMax) return "a whole number";
    if (max == kNoMax) return fmt::format("a whole number ≥ {}", min);
    if (min == kNoMin) return fmt::format("a whole number ≤ {}", max);
    return fmt::format("a whole number from {} to {}", min, max);
}

// `"a", "b" or "c"`
std::string one_of(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += quoted(words[i]);
    }
    return text;
}

std::optional<std::int64_t> whole_number(const Value& value) {
    if (value.is_int()) return value.as_int();
    // Past 2^53 a double does not say which whole number was meant.
    constexpr double kExact = 9007199254740992.0;
    if (!value.is_double() || std::abs(value.as_double()) > kExact) return std::nullopt;
    if (value.as_double() != std::trunc(value.as_double())) return std::nullopt;
    return static_cast<std::int64_t>(value.as_double());
}

template <class T>
T or_default(std::optional<T> value, T fallback = {}) {
    return value ? std::move(*value) : std::move(fallback);
}

}  // namespace

Reader::Reader(const Value& value, std::string path, Faults& faults)
    : Reader(value, std::move(path), value.place(), faults) {}

Reader::Reader(const Value& value, std::string path, Place place, Faults& faults)
    : value_(&value), path_(std::move(path)), place_(place), faults_(&faults) {}

// --- Fields ---------------------------------------------------------------------------------------------------

bool Reader::is_mapping() {
    if (value_->is_object()) return true;
    if (!told_not_mapping_) expected("a mapping");
    told_not_mapping_ = true;
    return false;
}

const Member* Reader::find(const FieldName& name) {
    if (!is_mapping()) return nullptr;
    known_.insert(known_.end(), name.all().begin(), name.all().end());
    const Object& members = value_->as_object();
    read_.resize(members.size());
    const Member* found = nullptr;
    for (const std::string& spelling : name.all()) {
        const auto at =
            std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == spelling; });
        if (at == members.end()) continue;
        read_[static_cast<std::size_t>(at - members.begin())] = true;
        if (found != nullptr) {
            faults_->error(child(*at).fault(fmt::format("means the same as \"{}\"; keep one of them", found->key)));
        } else {
            found = &*at;
        }
    }
    return found;
}

std::optional<Reader> Reader::field(const FieldName& name) {
    const Member* member = find(name);
    if (member == nullptr || member->value.is_null()) return std::nullopt;
    return child(*member);
}

std::optional<Reader> Reader::field(const FieldName& name, Required) {
    auto found = field(name);
    // A value that is no mapping was reported once; its missing fields are no news.
    if (!found && value_->is_object()) error_at(name.main(), "is required");
    return found;
}

std::string Reader::text(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_text()) : std::string();
}
std::string Reader::text(const FieldName& name, std::string fallback) {
    return or_default(text(name), std::move(fallback));
}
std::optional<std::string> Reader::text(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_text() : std::nullopt;
}

std::string Reader::scalar_text(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_scalar_text()) : std::string();
}
std::string Reader::scalar_text(const FieldName& name, std::string fallback) {
    return or_default(scalar_text(name), std::move(fallback));
}
std::optional<std::string> Reader::scalar_text(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_scalar_text() : std::nullopt;
}

std::string Reader::choice(const FieldName& name, const std::vector<std::string>& words, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_choice(words)) : std::string();
}
std::string Reader::choice(const FieldName& name, const std::vector<std::string>& words, std::string fallback) {
    return or_default(choice(name, words), std::move(fallback));
}
std::optional<std::string> Reader::choice(const FieldName& name, const std::vector<std::string>& words) {
    auto found = field(name);
    return found ? found->as_choice(words) : std::nullopt;
}

std::int64_t Reader::integer(const FieldName& name, std::int64_t min, std::int64_t max, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_integer(min, max)) : 0;
}
std::int64_t Reader::integer(const FieldName& name, std::int64_t min, std::int64_t max, std::int64_t fallback) {
    return or_default(integer(name, min, max), fallback);
}
std::optional<std::int64_t> Reader::integer(const FieldName& name, std::int64_t min, std::int64_t max) {
    auto found = field(name);
    return found ? found->as_integer(min, max) : std::nullopt;
}

double Reader::number(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_number()) : 0;
}
double Reader::number(const FieldName& name, double fallback) { return or_default(number(name), fallback); }
std::optional<double> Reader::number(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_number() : std::nullopt;
}

bool Reader::boolean(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? or_default(found->as_boolean()) : false;
}
bool Reader::boolean(const FieldName& name, bool fallback) { return or_default(boolean(name), fallback); }
std::optional<bool> Reader::boolean(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_boolean() : std::nullopt;
}

std::vector<std::string> Reader::text_list(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_texts(false) : std::vector<std::string>();
}
std::vector<std::string> Reader::text_list(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? found->as_texts(false) : std::vector<std::string>();
}
std::vector<std::string> Reader::scalar_text_list(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_texts(true) : std::vector<std::string>();
}

std::vector<std::pair<std::string, std::string>> Reader::scalar_text_map(const FieldName& name) {
    std::vector<std::pair<std::string, std::string>> texts;
    for (auto& [key, member] : members(name)) {
        // `KEY:` with nothing after it is the empty text, as in a shell.
        auto text = member.value().is_null() ? std::string() : member.as_scalar_text();
        if (text) texts.emplace_back(key, std::move(*text));
    }
    return texts;
}

std::optional<Reader> Reader::object(const FieldName& name) {
    auto found = field(name);
    return found && found->is_mapping() ? std::move(found) : std::nullopt;
}
std::optional<Reader> Reader::object(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found && found->is_mapping() ? std::move(found) : std::nullopt;
}

std::vector<Reader> Reader::list(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_list() : std::vector<Reader>();
}
std::vector<Reader> Reader::list(const FieldName& name, Required) {
    auto found = field(name, kRequired);
    return found ? found->as_list() : std::vector<Reader>();
}

std::vector<std::pair<std::string, Reader>> Reader::members(const FieldName& name) {
    auto found = field(name);
    return found ? found->as_members() : std::vector<std::pair<std::string, Reader>>();
}

const Value* Reader::raw(const FieldName& name) {
    const Member* member = find(name);
    return member != nullptr ? &member->value : nullptr;
}

void Reader::finish() {
    if (!is_mapping()) return;
    const Object& members = value_->as_object();
    read_.resize(members.size());
    // A name that is already in use is no likely slip.
    std::vector<std::string> candidates;
    for (const std::string& name : known_) {
        if (!value_->has(name)) candidates.push_back(name);
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (read_[i]) continue;
        std::string message = fmt::format("unknown field {}", quoted(members[i].key));
        if (const auto meant = nearest(members[i].key, candidates))
            message += fmt::format("; did you mean \"{}\"?", *meant);
        Fault unknown = child(members[i]).fault(std::move(message));
        if (members[i].place.known()) {
            unknown.line = members[i].place.line;
            unknown.column = members[i].place.column;
        }
        faults_->unknown_field(std::move(unknown));
    }
}

// --- The value itself -----------------------------------------------------------------------------------------

std::optional<std::string> Reader::as_text() {
    if (value_->is_string()) return value_->as_string();
    expected("text");
    return std::nullopt;
}

std::optional<std::string> Reader::as_scalar_text() {
    auto text = value_->scalar_text();
    if (!text) expected("text");
    return text;
}

std::optional<std::string> Reader::as_choice(const std::vector<std::string>& words) {
    const auto text = value_->scalar_text();
    if (text && std::find(words.begin(), words.end(), *text) != words.end()) return text;
    std::string message = fmt::format("expected {}, got {}", one_of(words), shown(*value_));
    if (const auto meant = text ? nearest(*text, words) : std::nullopt)
        message += fmt::format("; did you mean \"{}\"?", *meant);
    error(std::move(message));
    return std::nullopt;
}

std::optional<std::int64_t> Reader::as_integer(std::int64_t min, std::int64_t max) {
    const auto number = whole_number(*value_);
    if (number && *number >= min && *number <= max) return number;
    expected(expected_integer(min, max));
    return std::nullopt;
}

std::optional<double> Reader::as_number() {
    if (value_->is_number() && std::isfinite(value_->as_double())) return value_->as_double();
    expected("a number");
    return std::nullopt;
}

std::optional<bool> Reader::as_boolean() {
    if (value_->is_bool()) return value_->as_bool();
    expected("true or false");
    return std::nullopt;
}

std::vector<Reader> Reader::as_list() {
    std::vector<Reader> items;
    if (!value_->is_array()) {
        expected("a list");
        return items;
    }
    items.reserve(value_->size());
    for (std::size_t i = 0; i < value_->size(); ++i) items.push_back(item(i));
    return items;
}

std::vector<std::string> Reader::as_texts(bool scalars) {
    std::vector<std::string> texts;
    for (Reader& one : as_list()) {
        auto text = scalars ? one.as_scalar_text() : one.as_text();
        if (text) texts.push_back(std::move(*text));
    }
    return texts;
}

std::vector<std::pair<std::string, Reader>> Reader::as_members() {
    std::vector<std::pair<std::string, Reader>> all;
    if (!is_mapping()) return all;
    for (const Member& member : value_->as_object()) all.emplace_back(member.key, child(member));
    return all;
}

// --- Faults ---------------------------------------------------------------------------------------------------

Reader Reader::child(const Member& member) const {
    Place place = member.value.place();
    if (!place.known()) place = member.place.known() ? member.place : place_;
    return {member.value, path_of_member(path_, member.key), place, *faults_};
}

Reader Reader::item(std::size_t index) const {
    const Value& one = value_->as_array()[index];
    return {one, fmt::format("{}[{}]", path_, index), one.place().known() ? one.place() : place_, *faults_};
}

Fault Reader::fault(std::string message) const { return {path_, std::move(message), place_.line, place_.column}; }

Fault Reader::fault_at(std::string_view field, std::string message) const {
    if (value_->is_object()) {
        for (const Member& member : value_->as_object()) {
            if (member.key == field) return child(member).fault(std::move(message));
        }
    }
    return {path_of_member(path_, field), std::move(message), place_.line, place_.column};
}

// A scalar is quoted where a scalar was expected; everything else is named by its kind.
void Reader::expected(std::string_view what) const {
    const bool wants_container = what == "a list" || what == "a mapping";
    error(
        fmt::format("expected {}, got {}", what, wants_container ? std::string(value_->type_name()) : shown(*value_)));
}

void Reader::error(std::string message) const { faults_->error(fault(std::move(message))); }
void Reader::warning(std::string message) const { faults_->warning(fault(std::move(message))); }
void Reader::error_at(std::string_view field, std::string message) const {
    faults_->error(fault_at(field, std::move(message)));
}
void Reader::warning_at(std::string_view field, std::string message) const {
    faults_->warning(fault_at(field, std::move(message)));
}

}  // namespace pintle::json
