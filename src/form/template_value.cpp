#include "form/template_value.hpp"

namespace pintle::form {

TemplateValue TemplateValue::missing(std::string path) {
    TemplateValue value;
    value.data_ = Nothing{std::move(path)};
    return value;
}

TemplateValue TemplateValue::from(const json::Value& value) {
    switch (value.type()) {
        case json::Type::kNull: return {};
        case json::Type::kBool: return TemplateValue(value.as_bool());
        case json::Type::kInt: return TemplateValue(value.as_int());
        case json::Type::kDouble: return TemplateValue(value.as_double());
        case json::Type::kString: return TemplateValue(value.as_string());
        case json::Type::kArray: {
            List items;
            for (const json::Value& item : value.as_array()) items.push_back(from(item));
            return TemplateValue(std::move(items));
        }
        case json::Type::kObject: {
            Mapping entries;
            for (const json::Member& member : value.as_object())
                entries.insert_or_assign(member.key, from(member.value));
            return TemplateValue(std::move(entries));
        }
    }
    return {};
}

bool TemplateValue::truth() const {
    switch (kind()) {
        case Kind::kNothing: return false;
        case Kind::kBool: return as_bool();
        case Kind::kInt: return as_int() != 0;
        case Kind::kFloat: return as_float() != 0;
        case Kind::kText: return !as_text().empty();
        case Kind::kList: return !as_list().empty();
        case Kind::kMapping: return !as_mapping().empty();
    }
    return false;
}

std::string_view TemplateValue::type_name() const {
    switch (kind()) {
        case Kind::kNothing: return "<nil>";
        case Kind::kBool: return "bool";
        case Kind::kInt: return "int";
        case Kind::kFloat: return "float64";
        case Kind::kText: return "string";
        case Kind::kList: return "[]interface {}";
        case Kind::kMapping: return "map[string]interface {}";
    }
    return "";
}

std::string_view TemplateValue::kind_name() const {
    switch (kind()) {
        case Kind::kNothing: return "invalid";
        case Kind::kList: return "slice";
        case Kind::kMapping: return "map";
        case Kind::kBool:
        case Kind::kInt:
        case Kind::kFloat:
        case Kind::kText: return type_name();
    }
    return "";
}

json::Value TemplateValue::to_json() const {
    switch (kind()) {
        case Kind::kNothing: return {};
        case Kind::kBool: return as_bool();
        case Kind::kInt: return as_int();
        case Kind::kFloat: return as_float();
        case Kind::kText: return as_text();
        case Kind::kList: {
            json::Array items;
            for (const TemplateValue& item : as_list()) items.push_back(item.to_json());
            return json::Value(std::move(items));
        }
        case Kind::kMapping: {
            json::Object members;
            for (const auto& [key, value] : as_mapping()) members.push_back({key, value.to_json()});
            return json::Value(std::move(members));
        }
    }
    return {};
}

bool operator==(const TemplateValue& a, const TemplateValue& b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case TemplateValue::Kind::kNothing: return true;
        case TemplateValue::Kind::kBool: return a.as_bool() == b.as_bool();
        case TemplateValue::Kind::kInt: return a.as_int() == b.as_int();
        case TemplateValue::Kind::kFloat: return a.as_float() == b.as_float();
        case TemplateValue::Kind::kText: return a.as_text() == b.as_text();
        case TemplateValue::Kind::kList: return a.as_list() == b.as_list();
        case TemplateValue::Kind::kMapping: return a.as_mapping() == b.as_mapping();
    }
    return false;
}

}  // namespace pintle::form
