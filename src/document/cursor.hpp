#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/faults.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// What reading one document found: its faults and warnings, and where each field stood. Private to the module.
///
/// A place in the document has two paths: the one its author sees ("spec.tasks[0].workDir") and the plain one that
/// the rules of the project speak of ("tasks[0].work_dir"). In a plain document they differ only in spelling.
class Reading {
public:
    /// Of a value that did not read; rules about it are silent then.
    void fault(const std::string& plain_path, Fault fault);
    void complain(Fault fault) { faults_.error(std::move(fault)); }
    void warn(Fault warning) { faults_.warning(std::move(warning)); }
    void stands_at(const std::string& plain_path, const std::string& path, json::Place place);
    /// Adds what a rule found, in the author's words and with its place. Left out when the value itself did not
    /// read, because then the rule judged a stand-in.
    void add_rule_fault(const Fault& fault);

    [[nodiscard]] const json::Faults& faults() const { return faults_; }

private:
    struct Spot {
        std::string path;
        json::Place place;
    };
    [[nodiscard]] bool is_faulty(std::string_view plain_path) const;

    json::Faults faults_;
    std::set<std::string, std::less<>> faulty_;  ///< Plain paths.
    std::map<std::string, Spot, std::less<>> spots_;
};

/// One value of the document and its path. Unlike json::Reader it knows both paths, and members are found by a
/// field_table.hpp, which accepts several spellings. Every read…() leaves `out` alone and notes a fault when the value
/// is of another kind. Borrows the document and the Reading.
class Cursor {
public:
    Cursor(const json::Value& document, Reading& reading)
        : value_(&document), reading_(&reading), place_(document.place()) {}

    [[nodiscard]] const json::Value& value() const { return *value_; }
    /// The member, known to the rules by `plain_name`.
    [[nodiscard]] Cursor member(const json::Member& member, std::string_view plain_name) const;
    [[nodiscard]] Cursor item(std::size_t index) const;
    /// The same value under another plain path.
    [[nodiscard]] Cursor standing_for(std::string plain_path) const;
    /// The same mapping, its members known to the rules as members of the mapping that it is in.
    [[nodiscard]] Cursor dissolved() const;

    void fault(std::string message) const;
    /// Of a rule over several fields, each of which read well.
    void complain(std::string message) const { reading_->complain(here(std::move(message))); }
    void warn(std::string message) const;
    void warn_of(const json::Member& member, std::string message) const;
    /// A fault of a member that is not there.
    void fault_of_missing(std::string_view name, std::string message) const;
    /// A fault of the whole that leaves the member without a value.
    void fault_for(std::string_view plain_name, std::string message) const;
    /// `expected …, got "two"`
    void fault_of_type(std::string_view expected) const;

    void read(std::string& out) const;
    void read(bool& out) const;
    /// Any scalar, as it is written: `1.10` stays "1.10".
    void read_spelled(std::string& out) const;
    /// A whole number of at least `least`; as a text too when `or_text`.
    void read_whole(int& out, int least, bool or_text = false) const;
    /// What a parser makes of the scalar's text.
    template <class T>
    void read_with(Result<T> (*parse)(std::string_view), T& out) const {
        if (const auto text = value_->scalar_text(); !text) {
            fault_of_type("text or a number");
        } else if (auto parsed = parse(*text); parsed) {
            out = *parsed;
        } else {
            fault(parsed.error().message);
        }
    }
    /// Calls `each` with every item of a list of at most `most`.
    template <class Each>
    void read_list(std::size_t most, const Each& each) const {
        if (!is_list(most)) return;
        for (std::size_t i = 0; i < value_->size(); ++i) each(item(i));
    }
    /// A list that is kept as JSON text; an empty one is no text.
    void read_kept(std::string& out) const;

    [[nodiscard]] bool is_list(std::size_t most) const;
    [[nodiscard]] bool is_mapping(std::size_t most) const;

private:
    [[nodiscard]] Fault here(std::string message) const;

    const json::Value* value_;
    Reading* reading_;
    std::string path_;
    std::string plain_path_;
    json::Place place_;
};

/// `got "two"`, `got 2.5`, `got a list`.
[[nodiscard]] std::string got(const json::Value& value);

}  // namespace pintle::document
