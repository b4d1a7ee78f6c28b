#include "engine_process/gpu_model.hpp"

#include "base/text.hpp"
#include "domain/label.hpp"

namespace pintle::engine_process {

std::string gpu_model(std::string_view driver_name, std::string_view otherwise) {
    std::string name = to_valid_utf8(driver_name);
    for (char& c : name) {
        if (c == '/' || c == ':') c = '-';
        if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) c = ' ';
    }
    name = std::string(trim(name));
    return domain::label_fault("model", name).empty() ? name : std::string(otherwise);
}

}  // namespace pintle::engine_process
