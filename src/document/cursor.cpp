#include "document/cursor.hpp"

#include <limits>

#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::document {
namespace {

constexpr std::size_t kTextBytes = 1u << 20;

std::string joined(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

// "tasks[1].resources[0]" of "tasks[1].resources[0].replicas"; empty at the top.
std::string_view parent_of(std::string_view path) {
    const std::size_t cut = path.find_last_of(".[");
    return cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
}

}  // namespace

void Reading::fault(const std::string& plain_path, Fault fault) {
    faulty_.insert(plain_path);
    faults_.error(std::move(fault));
}

void Reading::stands_at(const std::string& plain_path, const std::string& path, json::Place place) {
    spots_.insert_or_assign(plain_path, Spot{path, place});
}

bool Reading::is_faulty(std::string_view plain_path) const {
    for (; !plain_path.empty(); plain_path = parent_of(plain_path)) {
        if (faulty_.contains(plain_path)) return true;
    }
    return faulty_.contains("");
}

void Reading::add_rule_fault(const Fault& fault) {
    if (is_faulty(fault.path)) return;
    for (std::string_view known = fault.path; !known.empty(); known = parent_of(known)) {
        const auto spot = spots_.find(known);
        if (spot == spots_.end()) continue;
        const std::string path = spot->second.path + fault.path.substr(known.size());
        return complain({path, fault.message, spot->second.place.line, spot->second.place.column});
    }
    complain(fault);
}

Cursor Cursor::member(const json::Member& member, std::string_view plain_name) const {
    Cursor below(member.value, *reading_);
    below.path_ = joined(path_, to_valid_utf8(std::string_view(member.key).substr(0, 80)));
    below.plain_path_ = joined(plain_path_, plain_name);
    // The place of a scalar is the scalar; of anything longer, the key before it.
    const bool scalar = member.value.scalar_text().has_value() && member.value.place().known();
    below.place_ = scalar || !member.place.known() ? member.value.place() : member.place;
    reading_->stands_at(below.plain_path_, below.path_, below.place_);
    return below;
}

Cursor Cursor::item(std::size_t index) const {
    Cursor below(value_->as_array()[index], *reading_);
    below.path_ = fmt::format("{}[{}]", path_, index);
    below.plain_path_ = fmt::format("{}[{}]", plain_path_, index);
    if (!below.place_.known()) below.place_ = place_;
    reading_->stands_at(below.plain_path_, below.path_, below.place_);
    return below;
}

Cursor Cursor::standing_for(std::string plain_path) const {
    Cursor same = *this;
    same.plain_path_ = std::move(plain_path);
    reading_->stands_at(same.plain_path_, same.path_, same.place_);
    return same;
}

Cursor Cursor::dissolved() const {
    Cursor same = *this;
    same.plain_path_ = parent_of(plain_path_);
    return same;
}

Fault Cursor::here(std::string message) const { return {path_, std::move(message), place_.line, place_.column}; }

void Cursor::fault(std::string message) const { reading_->fault(plain_path_, here(std::move(message))); }

void Cursor::warn(std::string message) const { reading_->warn(here(std::move(message))); }

void Cursor::warn_of(const json::Member& member, std::string message) const {
    const std::string key = to_valid_utf8(std::string_view(member.key).substr(0, 80));
    const json::Place place = member.place.known() ? member.place : place_;
    reading_->warn({joined(path_, key), std::move(message), place.line, place.column});
}

void Cursor::fault_of_missing(std::string_view name, std::string message) const {
    Fault fault = here(std::move(message));
    fault.path = joined(path_, name);
    reading_->fault(joined(plain_path_, name), std::move(fault));
}

void Cursor::fault_for(std::string_view plain_name, std::string message) const {
    reading_->fault(joined(plain_path_, plain_name), here(std::move(message)));
}

void Cursor::fault_of_type(std::string_view expected) const {
    fault(fmt::format("expected {}, {}", expected, got(*value_)));
}

void Cursor::read(std::string& out) const {
    if (!value_->is_string()) {
        const bool scalar = value_->scalar_text().has_value();
        return fault_of_type(scalar ? "text (put it in quotes)" : "text");
    }
    read_spelled(out);
}

void Cursor::read(bool& out) const {
    if (!value_->is_bool()) return fault_of_type("true or false");
    out = value_->as_bool();
}

void Cursor::read_spelled(std::string& out) const {
    const auto text = value_->scalar_text();
    if (!text) return fault_of_type("text");
    if (text->size() > kTextBytes)
        return fault(fmt::format("is too long: {} of at most {}",
                                 bytes_in_words(static_cast<std::int64_t>(text->size())), "1 MiB"));
    if (text->find('\0') != std::string::npos) return fault("must not contain a NUL byte");
    out = *text;
}

void Cursor::read_whole(int& out, int least, bool or_text) const {
    std::optional<std::int64_t> number;
    if (value_->is_int()) number = value_->as_int();
    if (value_->is_string() && or_text) number = parse_int(value_->as_string());
    if (!number || *number < least || *number > std::numeric_limits<int>::max()) {
        return fault_of_type(fmt::format("a whole number ≥ {}", least));
    }
    out = static_cast<int>(*number);
}

void Cursor::read_kept(std::string& out) const {
    if (!value_->is_array()) return fault_of_type("a list");
    out = value_->size() == 0 ? std::string() : json::to_json(*value_);
}

bool Cursor::is_list(std::size_t most) const {
    if (!value_->is_array()) fault_of_type("a list");
    else if (value_->size() > most) fault(fmt::format("has {} items; at most {} are allowed", value_->size(), most));
    else return true;
    return false;
}

bool Cursor::is_mapping(std::size_t most) const {
    if (!value_->is_object()) fault_of_type("a mapping");
    else if (value_->size() > most) fault(fmt::format("has {} members; at most {} are allowed", value_->size(), most));
    else return true;
    return false;
}

std::string got(const json::Value& value) {
    const auto text = value.scalar_text();
    if (!text) return fmt::format("got {}", value.type_name());
    std::string shown = to_valid_utf8(std::string_view(*text).substr(0, 80));
    return value.is_string() ? fmt::format("got \"{}\"", shown) : "got " + shown;
}

}  // namespace pintle::document
