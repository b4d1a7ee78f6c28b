#pragma once

#include <functional>
#include <set>
#include <string>

#include "auth/identity.hpp"
#include "core/core.hpp"
#include "scheduling/explanation.hpp"

namespace pintle::api {

class Call;

/// Why a job waits often names jobs of other people, some of which its reader may not know of: those of another group
/// that share its pool's GPUs or its nodes. Here their names become "a job of another group" and their ids nothing;
/// how many GPUs they have, and until when, stays.
///
/// Any thread. Failure: what cannot be looked up counts as not to be known.

inline constexpr std::string_view kHiddenJob = "a job of another group";

/// Whether the reader may know of the job of that name.
using SeesName = std::function<bool(const std::string& name)>;
/// Whether the reader may know of the job.
using SeesJob = std::function<bool(const domain::JobId& job)>;

/// The text without the names of jobs ("digits/train:3") that are not to be known. Pure.
[[nodiscard]] std::string discreet_text(const std::string& text, const SeesName& sees_name);
/// The explanation without them. Pure.
[[nodiscard]] scheduling::Explanation discreet(scheduling::Explanation explanation, const SeesJob& sees_job,
                                               const SeesName& sees_name);

/// Whether they may know of a job that has not ended. On the core thread.
[[nodiscard]] bool may_know_live(const core::Core& core, const auth::Identity& identity, const domain::JobId& job);

/// The explanation of the job `name` as its reader may have it, while it is looked up what that is: the ids on the
/// core thread (`core`), the names in the store later.
class Discretion {
public:
    /// Of the caller, who may know of `own_name`.
    Discretion(Call& call, std::string own_name) : call_(call), own_name_(std::move(own_name)) {}

    /// On the core thread: which of the jobs that it waits for may be known.
    void look(const core::Core& core, const scheduling::Explanation& explanation);
    /// Not on the core thread.
    [[nodiscard]] scheduling::Explanation apply(scheduling::Explanation explanation) const;
    [[nodiscard]] std::string apply(const std::string& text) const;

private:
    [[nodiscard]] bool sees_name(const std::string& name) const;

    Call& call_;
    const std::string own_name_;
    std::set<domain::JobId> seen_;
    std::set<std::string> seen_names_;
};

}  // namespace pintle::api
