#include "cli/filled_form.hpp"

#include <filesystem>

#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kFileMost = 256u << 20;
constexpr Duration kUploadTimeout = std::chrono::minutes(10);

struct Named {
    std::string name, value;
};

Result<Named> named(const std::string& option, const std::string& text, const char* what) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        return fail(ErrorCode::kInvalid, "--{} is written as --{} NAME={}, not \"{}\"", option, option, what, text);
    }
    return Named{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::string> send(Context& context, const std::string& path) {
    std::string content = TRY(os::read_file(path, kFileMost));
    const std::string name = std::filesystem::path(path).filename().string();
    const Call call{
        .method = "POST",
        .path = fmt::format("/projects/{}/form/files", segment(context.args.get("PROJECT"))) + query({{"name", name}}),
        .body = std::move(content),
        .content_type = "application/octet-stream",
        .timeout = kUploadTimeout};
    return text_of(TRY(context.api.call(call)), "id");
}

}  // namespace

std::vector<Option> form_value_options() {
    return {{.name = "set",
             .value = "NAME=VALUE",
             .help = "fill in a field; a list is separated by commas",
             .repeats = true},
            {.name = "file", .value = "NAME=PATH", .help = "send a file for an upload field", .repeats = true}};
}

Result<json::Value> form_request_of(Context& context) {
    json::Value texts = json::Value::object();
    for (const std::string& text : context.args.all("set")) {
        const Named given = TRY(named("set", text, "VALUE"));
        texts.set(given.name, given.value);
    }
    for (const std::string& text : context.args.all("file")) {
        const Named given = TRY(named("file", text, "PATH"));
        texts.set(given.name, TRY(send(context, given.value)));
    }
    return json::Value::object({{"texts", std::move(texts)}});
}

}  // namespace pintle::cli
