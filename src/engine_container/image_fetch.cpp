#include "engine_container/image_fetch.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "engine_container/container_spec.hpp"

namespace pintle::engine_container {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto kTellEvery = std::chrono::seconds(3);

bool says(const std::string& words, std::initializer_list<std::string_view> any) {
    return std::any_of(any.begin(), any.end(),
                       [&](std::string_view each) { return words.find(each) != std::string::npos; });
}

Error error(ErrorCode code, std::string message) { return {code, std::move(message), {}, {}}; }

/// How far the layers are, from steps such as {"id": "a1b2", "status": "Downloading", "progressDetail": {…}}.
class Layers {
public:
    void take(const json::Value& step) {
        const auto id = step["id"].scalar_text();
        if (!id) return;
        Layer& layer = layers_[*id];
        const json::Value& detail = step["progressDetail"];
        if (detail["current"].is_int()) layer.current = detail["current"].as_int();
        if (detail["total"].is_int()) layer.total = detail["total"].as_int();
        const std::string status = step["status"].scalar_text().value_or("");
        if (says(status, {"complete", "exists", "Already"})) layer.done = true;
    }

    [[nodiscard]] std::string words(const std::string& image) const {
        std::int64_t current = 0, total = 0, done = 0;
        for (const auto& [id, layer] : layers_) {
            current += layer.current;
            total += std::max(layer.total, layer.current);
            done += layer.done ? 1 : 0;
        }
        if (total > 0) {
            return fmt::format("Pulling the image {}: {} of {}", image, bytes_in_words(current), bytes_in_words(total));
        }
        if (layers_.empty()) return fmt::format("Pulling the image {}", image);
        return fmt::format("Pulling the image {}: {} of {} layers", image, done, layers_.size());
    }

private:
    struct Layer {
        std::int64_t current = 0, total = 0;
        bool done = false;
    };
    std::map<std::string, Layer> layers_;
};

Result<void> check_architecture(const ServiceInfo& machine, const std::string& image, const ImageInfo& found) {
    if (found.architecture.empty() || machine.architecture.empty() || found.architecture == machine.architecture)
        return {};
    return fail(ErrorCode::kInvalid,
                "the image {} is for {}, and this machine is {}; use an image that is made for it", image,
                found.architecture, machine.architecture);
}

}  // namespace

Error pull_failure(const std::string& image, const Error& failed) {
    const std::string& words = failed.message;
    if (failed.code == ErrorCode::kCancelled) return failed;
    if (says(words, {"no image found in manifest list for architecture", "no matching manifest",
                     "no image found in image index"})) {
        return error(ErrorCode::kInvalid,
                     fmt::format("the image {} is not made for this machine's architecture: {}", image, words));
    }
    // Docker Hub says "denied" for what is not there.
    if (says(words,
             {"manifest unknown", "not found", "does not exist", "name unknown", "NAME_UNKNOWN", "MANIFEST_UNKNOWN"})) {
        return error(ErrorCode::kNotFound,
                     fmt::format("the image {} does not exist in {}: {}", image, registry_of(image), words));
    }
    if (says(words, {"unauthorized", "authentication required", "access to the resource is denied", "denied",
                     "403 (Forbidden)", "invalid username/password", "incorrect username or password"})) {
        return error(ErrorCode::kDenied,
                     fmt::format("{} does not let us have the image {}: it does not exist, or needs an account of the "
                                 "kind registry that may read it; pintle account create makes one: {}",
                                 registry_of(image), image, words));
    }
    if (says(words, {"invalid reference", "invalid tag", "repository name must"})) {
        return error(ErrorCode::kInvalid, fmt::format("\"{}\" is not the name of an image: {}", image, words));
    }
    if (says(words, {"no space left"})) {
        return error(ErrorCode::kExhausted,
                     fmt::format("there is no room on the disk for the image {}: {}", image, words));
    }
    return error(ErrorCode::kUnavailable,
                 fmt::format("the image {} could not be pulled from {}: {}", image, registry_of(image), words));
}

Result<void> fetch_image(const Service& service, const ServiceInfo& machine, const std::string& image,
                         const LoginFor& login, const std::function<void(std::string)>& progress) {
    const std::string name = with_tag(image);
    auto there = TRY(service.image(name));
    if (!there) {
        progress(fmt::format("Pulling the image {}", image));
        Layers layers;
        auto told = Steady::now();
        const auto begun = told;
        const auto account = login ? TRY(login(registry_of(image))) : std::nullopt;
        const auto pulled = service.pull(name, account, [&](const json::Value& step) {
            layers.take(step);
            if (Steady::now() - told >= kTellEvery) {
                told = Steady::now();
                progress(layers.words(image));
            }
            return true;
        });
        if (!pulled) return fail(pull_failure(image, pulled.error()));
        there = TRY(service.image(name));
        if (!there) return fail(ErrorCode::kUnavailable, "the image {} was pulled and is not there", image);
        const auto took = std::chrono::duration_cast<Duration>(Steady::now() - begun);
        progress(fmt::format("Pulled the image {} in {}", image, to_words(took)));
    }
    return check_architecture(machine, image, *there);
}

}  // namespace pintle::engine_container
