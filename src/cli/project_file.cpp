#include "cli/project_file.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileLimitBytes = 4u << 20;
constexpr std::size_t kSummaryLimitBytes = 1u << 20;

/// A path beside the project file, which may come from a stranger: it must not reach for other folders.
Result<std::string> beside(const std::string& folder, const std::string& written, std::string_view what) {
    const fs::path path(written);
    bool leaves = path.is_absolute();
    for (const fs::path& part : path) leaves = leaves || part == "..";
    if (leaves) return fail(ErrorCode::kDenied, "{} \"{}\" must lie in the folder of the project file", what, written);
    std::error_code error;
    const fs::path root = fs::weakly_canonical(folder.empty() ? "." : folder, error);
    const fs::path target = fs::weakly_canonical(root / path, error);
    const fs::path relative = target.lexically_relative(root);
    if (error || relative.empty() || *relative.begin() == "..") {
        return fail(ErrorCode::kDenied, "{} \"{}\" must lie in the folder of the project file", what, written);
    }
    return target.string();
}

const json::Member* member_of(const json::Value& document, const std::string& key) {
    if (!document.is_object()) return nullptr;
    for (const json::Member& member : document.as_object()) {
        if (member.key == key) return &member;
    }
    return nullptr;
}

json::Value renamed(json::Value document, const std::string& key, const std::string& new_key,
                    const std::string& value) {
    document.remove(key);
    document.set(new_key, value);
    return document;
}

/// Changes text and value together; once the layout does not allow it, `text` is left and `is_json` is set.
struct Draft {
    std::string text;
    json::Value document;
    bool is_json = false;

    void put(const std::string& key, const std::string& new_key, const std::string& value) {
        auto changed = is_json ? std::nullopt : with_member(text, document, key, new_key, value);
        document = renamed(std::move(document), key, new_key, value);
        if (changed)
            text = std::move(*changed);
        else
            is_json = true;
    }
};

Result<void> put_summary(Draft& draft, const std::string& folder) {
    const json::Value& file = draft.document["summary_file"];
    if (!file.is_string() || draft.document.has("summary")) return {};
    const std::string path = TRY(beside(folder, file.as_string(), "summary_file"));
    const std::string text = TRY(os::read_file(path, kSummaryLimitBytes));
    draft.put("summary_file", "summary", to_valid_utf8(text));
    return {};
}

void put_name(Draft& draft, const std::string& name) {
    if (json::Value* metadata = draft.document.find("metadata");
        draft.document.has("kind") && metadata != nullptr && metadata->is_object()) {
        metadata->set("name", name);
        draft.is_json = true;
    } else {
        draft.put("name", "name", name);
    }
}

Result<std::vector<WantedUpload>> uploads_of(const json::Value& document, const std::string& folder) {
    std::vector<WantedUpload> uploads;
    if (!document["sources"].is_array()) return uploads;
    for (const json::Value& source : document["sources"].as_array()) {
        if (!source["upload"].is_string() || !source["name"].is_string()) continue;
        const std::string& written = source["upload"].as_string();
        std::string file = TRY(beside(folder, written, "upload"));
        uploads.push_back({source["name"].as_string(), std::move(file), written});
    }
    return uploads;
}

}  // namespace

std::optional<std::string> with_member(const std::string& text, const json::Value& document, const std::string& key,
                                       const std::string& new_key, const std::string& value) {
    if (!document.is_object()) return std::nullopt;
    const std::string line = new_key + ": " + json::to_json(json::Value(value));
    std::vector<std::string> lines = split(text, '\n');
    const json::Member* member = member_of(document, key);
    if (member == nullptr) {
        if (lines.back().empty())
            lines.back() = line;
        else
            lines.push_back(line);
        lines.emplace_back();
    } else {
        const auto index = static_cast<std::size_t>(member->place.line);
        if (index == 0 || index > lines.size()) return std::nullopt;
        lines[index - 1] = line;
    }
    std::string changed = join(lines, "\n");
    const auto again = json::parse_yaml(changed);
    if (!again || *again != renamed(document, key, new_key, value)) return std::nullopt;
    return changed;
}

Result<std::string> read_input(const CliDeps& deps) {
    std::string text;
    while (const auto line = deps.read_line()) {
        text += *line + "\n";
        if (text.size() > kFileLimitBytes)
            return fail(ErrorCode::kExhausted, "standard input is larger than {}", bytes_in_words(kFileLimitBytes));
    }
    return text;
}

Result<ProjectFile> read_project_file(const std::string& path, const std::string& new_name, const CliDeps& deps) {
    ProjectFile file;
    file.name = path == "-" ? "standard input" : path;
    const std::string folder = path == "-" ? "" : fs::path(path).parent_path().string();
    Draft draft;
    draft.text = path == "-" ? TRY(read_input(deps)) : TRY(os::read_file(path, kFileLimitBytes));
    if (auto document = json::parse_yaml(draft.text)) {
        draft.document = std::move(*document);
        TRY(put_summary(draft, folder));
        if (!new_name.empty() && draft.document.is_object()) put_name(draft, new_name);
        file.uploads = TRY(uploads_of(draft.document, folder));
    }
    file.body = draft.is_json ? json::to_json(draft.document) : draft.text;
    file.content_type = draft.is_json ? "application/json" : "application/yaml";
    return file;
}

Result<std::string> project_of_this_folder() {
    const auto text = os::read_file("pintle.yaml", kFileLimitBytes);
    if (!text && text.error().code == ErrorCode::kNotFound) {
        return fail(ErrorCode::kInvalid,
                    "which project? write PROJECT/TASK, or --project NAME, or go to a folder with a pintle.yaml");
    }
    if (!text) return fail(text.error());
    const json::Value document = TRY(json::parse_yaml(*text));
    const std::string name = text_of(document["name"].is_null() ? document["metadata"] : document, "name");
    if (name.empty()) return fail(ErrorCode::kInvalid, "pintle.yaml has no name; write PROJECT/TASK");
    return name;
}

}  // namespace pintle::cli
