#include "catalog/project_template.hpp"

#include <sodium.h>

#include <array>
#include <set>

#include "base/text.hpp"
#include "catalog/rendering.hpp"
#include "domain/name.hpp"

namespace pintle::catalog {
namespace {

constexpr std::size_t kIconMost = 64 * 1024;
constexpr int kDepthMost = 20;
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPictures{
    {{".svg", "image/svg+xml"}, {".png", "image/png"}, {".jpg", "image/jpeg"}, {".webp", "image/webp"}}};

enum class Need { kRequired, kOptional };

/// One reading of a template.
class Reading {
public:
    Reading(FileTree& tree, ProjectTemplate& into) : tree_(tree), into_(into) {}

    std::string document(std::string_view file, Need need) {
        auto text = tree_.read(path_in(into_.folder, file), kDocumentMost);
        if (text && text->find('\0') == std::string::npos) return to_valid_utf8(*text);
        if (text) {
            complain(std::string(file), "it has zero bytes, so it is no text");
        } else if (text.error().code != ErrorCode::kNotFound) {
            complain(std::string(file), text.error().message);
        } else if (need == Need::kRequired) {
            complain(std::string(file), "the file is missing");
        }
        return {};
    }
    // Some have it beside the configuration.
    std::string form_document(std::string_view file) {
        std::string text = document(file, Need::kOptional);
        return text.empty() ? document(fmt::format("ml-templates/{}", file), Need::kOptional) : text;
    }

    // Pictures of other servers would tell them who looks at the catalog; those of the template come with it.
    std::string icon() {
        const std::string& written = into_.chart.icon;
        if (written.empty() || written.find("://") != std::string::npos) return written;
        std::string_view type;
        for (const auto& [ending, known] : kPictures) {
            if (to_lower(written).ends_with(ending)) type = known;
        }
        if (type.empty())
            return complain(std::string(kChartFile),
                            "Icon: expected a URL, or the path of an .svg, .png, .jpg or .webp of the template"),
                   "";
        const auto picture = tree_.read(path_in(into_.folder, written), kIconMost);
        if (!picture) return complain(std::string(kChartFile), fmt::format("Icon: {}", picture.error().message)), "";
        std::string base64(sodium_base64_ENCODED_LEN(picture->size(), sodium_base64_VARIANT_ORIGINAL), '\0');
        ::sodium_bin2base64(base64.data(), base64.size(), reinterpret_cast<const unsigned char*>(picture->data()),
                            picture->size(), sodium_base64_VARIANT_ORIGINAL);
        base64.pop_back();
        return fmt::format("data:{};base64,{}", type, base64);
    }

    void files() {
        const auto sources = tree_.list(path_in(into_.folder, kFilesFolder));
        if (!sources) {
            if (sources.error().code != ErrorCode::kNotFound)
                complain(std::string(kFilesFolder), sources.error().message);
            return;
        }
        for (const TreeEntry& source : *sources) {
            const std::string path = path_in(std::string(kFilesFolder), source.name);
            if (source.kind != TreeEntry::Kind::kFolder)
                complain(path, "expected a folder that is named after a source");
            else if (!domain::is_valid_name(source.name)) complain(path, domain::name_fault(source.name));
            else gather(source.name, "", 1);
        }
    }

    void complain(std::string file, std::string message) {
        into_.faults.push_back({std::move(file), {"", std::move(message), 0, 0}});
    }

private:
    void gather(const std::string& source, const std::string& folder, int depth) {
        const std::string shown = path_in(path_in(std::string(kFilesFolder), source), folder);
        if (depth > kDepthMost) return complain(shown, fmt::format("folders lie more than {} deep", kDepthMost));
        const auto entries = tree_.list(path_in(into_.folder, shown));
        if (!entries) return complain(shown, entries.error().message);
        for (const TreeEntry& entry : *entries) {
            if (too_many_) return;
            const std::string path = path_in(folder, entry.name);
            if (entry.kind == TreeEntry::Kind::kFolder) gather(source, path, depth + 1);
            else if (entry.kind != TreeEntry::Kind::kFile)
                complain(path_in(shown, entry.name), "only files and folders are brought, no links");
            else add({source, path, entry.size_bytes}, shown);
        }
    }
    void add(TemplateFile file, const std::string& shown) {
        bytes_ += file.size_bytes;
        if (into_.files.size() < kTemplateFilesMost && bytes_ <= kTemplateFilesBytesMost)
            return into_.files.push_back(std::move(file));
        too_many_ = true;
        complain(shown, fmt::format("a template brings at most {} files of {} together", kTemplateFilesMost,
                                    bytes_in_words(kTemplateFilesBytesMost)));
    }

    FileTree& tree_;
    ProjectTemplate& into_;
    std::int64_t bytes_ = 0;
    bool too_many_ = false;
};

bool lacks_answers(const TemplateDefaults& defaults) {
    for (const WizardEntry& entry : defaults.wizard) {
        if (part_fault(entry, "value", defaults.values[entry.key]["value"])) return true;
    }
    return false;
}

}  // namespace

ProjectTemplate read_template(FileTree& tree, const std::string& folder, std::string name) {
    ProjectTemplate made;
    made.name = std::move(name);
    made.folder = folder;
    Reading reading(tree, made);
    const std::string chart = reading.document(kChartFile, Need::kRequired);
    if (made.sound()) made.chart = read_chart(chart, made.faults);
    made.icon = reading.icon();
    made.readme = reading.document(kReadmeFile, Need::kOptional);
    made.values_text = reading.document(kValuesFile, Need::kOptional);
    made.defaults = read_defaults(made.values_text, made.faults);
    made.config = reading.document(kConfigFile, Need::kRequired);
    made.form_text = reading.form_document(kFormFile);
    made.form_template = reading.form_document(kFormTemplateFile);
    reading.files();
    if (!made.sound()) return made;
    // Where nothing can be tried without somebody's answers, at least its language is checked.
    Rendering tried =
        lacks_answers(made.defaults) ? check_language(made) : render(made, made.defaults.values, made.name);
    made.faults = std::move(tried.faults);
    return made;
}

}  // namespace pintle::catalog
