#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& device) {
    Terminal& term = context.term;
    const bool sized = device["memory_bytes"].is_int();
    term.line(fmt::format("{}   {}", term.styled(Style::kBold, term.plain(text_of(device, "name"))),
                          term.plain(text_of(device, "model") +
                                     (sized ? ", " + bytes_in_words(int_of(device, "memory_bytes")) : ""))));
    const bool healthy = !device["healthy"].is_bool() || device["healthy"].as_bool();
    if (!healthy) term.line("  unhealthy: " + term.plain(text_of(device, "fault")));
    const bool used = device["in_use"].is_bool() && device["in_use"].as_bool();
    const std::string job = text_of(device, "job_name");
    const std::string by = job.empty() ? " by a job of another group" : " by " + job;
    term.line(term.plain(fmt::format("  {}; pool: {}", used ? "in use" + by : "free", text_of(device, "pool"))));
}

}  // namespace

Command device_show_command() {
    return {{.words = {"device", "show"},
             .summary = "Show a GPU",
             .positionals = {{.name = "GPU", .help = "its UUID, or NODE/UUID", .offer = Offer::kDevice}},
             .examples = {"pintle device show node-1/GPU-5f1c"}},
            [](Context& context) -> Result<int> {
                const json::Value device = TRY(context.api.get("/devices/" + segment(context.args.get("GPU"))));
                return show(context, device, text_of(device, "name"), [&] { print(context, device); });
            }};
}

}  // namespace pintle::cli
