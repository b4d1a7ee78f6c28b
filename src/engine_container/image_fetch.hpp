#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine_container/service.hpp"

namespace pintle::engine_container {

/// Makes sure that an image is there, and says in words why it is not.

/// Asked for a registry ("ghcr.io"); nothing: without an account. An error says why an account cannot be opened.
using LoginFor = std::function<Result<std::optional<RegistryLogin>>(const std::string& registry)>;

/// Pulls the image unless the service has it. `machine` is what the service said of itself when it was found: asking it
/// again takes podman a third of a second. Blocks; `progress` gets a sentence every few seconds.
/// Failure: kUnavailable when trying again later can help (the registry or the service is away); kNotFound, kDenied or
/// kInvalid when it cannot: no such image, no access, another architecture.
[[nodiscard]] Result<void> fetch_image(const Service& service, const ServiceInfo& machine, const std::string& image,
                                       const LoginFor& login, const std::function<void(std::string)>& progress);

/// What a failed pull means, from the service's words. Pure.
[[nodiscard]] Error pull_failure(const std::string& image, const Error& error);

}  // namespace pintle::engine_container
