#include "document/project_document.hpp"
#include "fuzzing.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

// A project that is read obeys the rules and reads back the same from its plain form, as a value and as text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = document::read_project_text(as_text(data, size));
    if (!read) {
        require(!read.error().message.empty(), "an error has a message");
        require(read.error().code != ErrorCode::kInvalid || !read.error().details.empty(), "a refused project has faults",
                read.error().message);
        return 0;
    }
    const auto faults = domain::validate(read->spec);
    require(faults.empty(), "a project that was read is valid", faults.empty() ? "" : to_string(faults.front()));
    const json::Value written = document::write_project(read->spec);
    const std::string text = json::to_yaml(written);
    const auto again = must(document::read_project(written), "what is written can be read:\n" + text);
    require(again.spec == read->spec, "what is written reads back the same", text);
    require(document::write_project(again.spec) == written, "a project is always written alike", text);
    require(must(document::read_project_text(text), "the YAML can be read:\n" + text).spec == read->spec,
            "the YAML reads back the same", text);
    const std::string as_json = json::to_json(written);
    require(must(document::read_project_text(as_json), "the JSON can be read: " + as_json).spec == read->spec,
            "the JSON reads back the same", as_json);
    return 0;
}
