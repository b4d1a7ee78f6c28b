#include "document/stored_document.hpp"

#include <cmath>

#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/stored_codec.hpp"

namespace pintle::document {
namespace {

// JSON has no words for these.
std::string_view name_of_non_finite(double number) {
    if (std::isnan(number)) return "nan";
    return number > 0 ? "inf" : "-inf";
}

Result<void> decode_non_finite(const json::Value& value, domain::PropertyValue& out) {
    for (const double number : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        if (value["number"] == json::Value(name_of_non_finite(number))) {
            out = number;
            return {};
        }
    }
    return wrong_type("a number, true, false or text", value);
}

template <class T>
Result<T> read(std::string_view what, const json::Value& value) {
    T out;
    if (auto status = decode(value, out); !status) {
        Error error = std::move(status).error();
        error.message = fmt::format("the stored {} cannot be read: {}", what, to_string(error.details.front()));
        return fail(std::move(error));
    }
    return out;
}

template <class Body>
Result<domain::JobEventBody> read_event(const json::Value& value) {
    return read<Body>("event", value).map([](Body&& body) { return domain::JobEventBody(std::move(body)); });
}

// The kinds are those of domain::kind_of(), tried in the order of the variant.
template <std::size_t I = 0>
Result<domain::JobEventBody> read_event_of_kind(std::string_view kind, const json::Value& value) {
    if constexpr (I == std::variant_size_v<domain::JobEventBody>) {
        return fail(ErrorCode::kCorrupt, "the stored event has the unknown kind \"{}\"",
                    to_valid_utf8(kind.substr(0, 80)));
    } else {
        using Body = std::variant_alternative_t<I, domain::JobEventBody>;
        if (kind == domain::kind_of(domain::JobEventBody(std::in_place_type<Body>))) return read_event<Body>(value);
        return read_event_of_kind<I + 1>(kind, value);
    }
}

constexpr std::array<const char*, 4> kChores{"remove_project_data", "move_project_data", "remove_job_data",
                                             "remove_jobs_data"};
static_assert(kChores.size() == std::variant_size_v<decltype(domain::Chore::work)>);

template <std::size_t I = 0>
Result<domain::Chore> read_chore(std::string_view kind, const json::Value& value) {
    if constexpr (I == kChores.size()) {
        return fail(ErrorCode::kCorrupt, "the stored chore has the unknown kind \"{}\"",
                    to_valid_utf8(kind.substr(0, 80)));
    } else {
        if (kind != kChores[I]) return read_chore<I + 1>(kind, value);
        using Work = std::variant_alternative_t<I, decltype(domain::Chore::work)>;
        Work work = TRY(read<Work>("chore", value));
        return domain::Chore{value["id"].as_string(), std::move(work)};
    }
}

}  // namespace

tl::unexpected<Error> wrong_type(std::string_view expected, const json::Value& got) {
    const auto text = got.scalar_text();
    std::string message = text ? fmt::format("expected {}, got \"{}\"", expected, to_valid_utf8(text->substr(0, 80)))
                               : fmt::format("expected {}, got {}", expected, got.type_name());
    return fail(Error{ErrorCode::kCorrupt, message, {Fault{"", message, 0, 0}}, {}});
}

Error below(std::string_view step, Error error) {
    std::string& path = error.details.front().path;
    const bool joined = path.empty() || path.starts_with('[');
    path = joined ? std::string(step) + path : fmt::format("{}.{}", step, path);
    return error;
}

json::Value encode(const domain::PropertyValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return json::Value(*text);
    if (const auto* flag = std::get_if<bool>(&value)) return json::Value(*flag);
    const double number = std::get<double>(value);
    if (std::isfinite(number)) return json::Value(number);
    return json::Value::object({{"number", name_of_non_finite(number)}});
}

Result<void> decode(const json::Value& value, domain::PropertyValue& out) {
    if (value.is_string()) out = value.as_string();
    else if (value.is_bool()) out = value.as_bool();
    else if (value.is_number()) out = value.as_double();
    else return decode_non_finite(value, out);
    return {};
}

json::Value encode(const domain::SourceOrigin& origin) {
    struct Kinds {
        const char* operator()(const domain::GitSource&) const { return "git"; }
        const char* operator()(const domain::ClusterStorageSource&) const { return "cluster_storage"; }
        const char* operator()(const domain::NfsSource&) const { return "nfs"; }
        const char* operator()(const domain::S3Source&) const { return "s3"; }
    };
    json::Value content = std::visit([](const auto& alternative) { return encode(alternative); }, origin);
    json::Value value = json::Value::object();
    value.add(std::visit(Kinds{}, origin), std::move(content));
    return value;
}

Result<void> decode(const json::Value& value, domain::SourceOrigin& out) {
    if (const json::Value* git = value.find("git")) return decode(*git, out.emplace<domain::GitSource>());
    if (const json::Value* storage = value.find("cluster_storage"))
        return decode(*storage, out.emplace<domain::ClusterStorageSource>());
    if (const json::Value* nfs = value.find("nfs")) return decode(*nfs, out.emplace<domain::NfsSource>());
    if (const json::Value* s3 = value.find("s3")) return decode(*s3, out.emplace<domain::S3Source>());
    return wrong_type("a known kind of source", value);
}

json::Value to_stored(const domain::Project& project) { return encode(project); }
Result<domain::Project> project_from_stored(const json::Value& value) {
    domain::Project project = TRY(read<domain::Project>("project", value));
    if (const json::Value& kept = value["spec"]["components"]; kept.is_string()) {
        project.spec.components = kept_components(kept.as_string());
    }
    return project;
}

json::Value to_stored(const domain::ComponentRecord& record) { return encode(record); }
Result<domain::ComponentRecord> component_from_stored(const json::Value& value) {
    return read<domain::ComponentRecord>("component", value);
}

json::Value to_stored(const domain::Job& job) { return encode(job); }
Result<domain::Job> job_from_stored(const json::Value& value) { return read<domain::Job>("job", value); }

json::Value to_stored(const domain::JobEventBody& body) {
    return std::visit([](const auto& event) { return encode(event); }, body);
}
Result<domain::JobEventBody> event_from_stored(std::string_view kind, const json::Value& value) {
    return read_event_of_kind(kind, value);
}

std::string stored_text(const domain::JobEventBody& body) {
    std::string text;
    std::visit([&](const auto& event) { append_stored(text, event); }, body);
    return text;
}

std::string stored_text_without_spec(const domain::Job& job) {
    std::string text;
    StoredTextWriter writer(text, "spec");
    fields(writer, job);
    writer.finish();
    return text;
}

json::Value to_stored(const domain::Chore& chore) {
    json::Value value = json::Value::object({{"id", chore.id}, {"kind", kChores[chore.work.index()]}});
    json::Value work = std::visit([](const auto& alternative) { return encode(alternative); }, chore.work);
    for (json::Member& member : work.as_object()) value.add(member.key, std::move(member.value));
    return value;
}

Result<domain::Chore> chore_from_stored(const json::Value& value) {
    if (!value["id"].is_string() || !value["kind"].is_string())
        return fail(ErrorCode::kCorrupt, "the stored chore has no id or no kind");
    return read_chore(value["kind"].as_string(), value);
}

}  // namespace pintle::document
