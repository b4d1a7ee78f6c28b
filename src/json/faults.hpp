#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::json {

/// Collects what is wrong with one document, so that its author sees everything at once.
///
/// Threading: one thread. Ownership: outlives the Readers that report to it.
/// Failure: cannot fail. Past the limit it only counts, so a hostile document cannot make it large.
class Faults {
public:
    enum class Unknown { kWarn, kRefuse };

    /// `unknown` says whether a field that nobody reads is a warning or an error.
    explicit Faults(Unknown unknown = Unknown::kWarn, std::size_t limit = 100) : unknown_(unknown), limit_(limit) {}

    void error(Fault fault) { add(errors_, std::move(fault)); }
    void warning(Fault fault) { add(warnings_, std::move(fault)); }
    void unknown_field(Fault fault) { add(unknown_ == Unknown::kRefuse ? errors_ : warnings_, std::move(fault)); }

    [[nodiscard]] bool ok() const { return errors_.empty(); }
    [[nodiscard]] const std::vector<Fault>& errors() const { return errors_; }
    [[nodiscard]] const std::vector<Fault>& warnings() const { return warnings_; }
    /// Faults that were not kept because there were too many.
    [[nodiscard]] std::size_t dropped() const { return dropped_; }

    /// kInvalid with the errors in the order of the text, or nothing when there are none. `what` begins the
    /// sentence: "the job file" gives "the job file has 2 faults".
    [[nodiscard]] Result<void> result(std::string_view what) const;

private:
    void add(std::vector<Fault>& to, Fault fault);

    Unknown unknown_;
    std::size_t limit_;
    std::vector<Fault> errors_;
    std::vector<Fault> warnings_;
    std::size_t dropped_ = 0;
};

}  // namespace pintle::json
