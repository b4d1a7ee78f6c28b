#pragma once

#include "base/rng.hpp"
#include "domain/change.hpp"

namespace pintle::document {

/// Values for tests, the same for the same seed. Texts hold quotes, line breaks, other scripts and words that YAML
/// takes for numbers, so that every spelling is tried.

/// Any text, also an empty one.
[[nodiscard]] std::string random_text(Rng& rng);
/// A project whose rules all hold.
[[nodiscard]] domain::ProjectSpec random_spec(Rng& rng);
[[nodiscard]] domain::Project random_project(Rng& rng);
[[nodiscard]] domain::Job random_job(Rng& rng);
[[nodiscard]] domain::JobEventBody random_event(Rng& rng);
[[nodiscard]] domain::Chore random_chore(Rng& rng);

}  // namespace pintle::document
