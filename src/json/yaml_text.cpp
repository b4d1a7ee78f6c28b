#include "json/yaml_text.hpp"

#include <algorithm>
#include <streambuf>
#include <unordered_map>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text.hpp"
#include "json/source_text.hpp"
#include "json/yaml_scalar.hpp"

namespace pintle::json {
namespace {

constexpr std::string_view kNotYaml = "this is not valid YAML";

// Leaves the parser through its callbacks; never leaves this file.
struct Refusal {
    std::string message;
    Place place;
};

// yaml-cpp counts columns in bytes and does not see the CR of a CRLF, so only its line and column can be used.
class YamlPlaces {
public:
    explicit YamlPlaces(std::string_view text) : text_(text), finder_(text) {
        line_starts_.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
            line_starts_.push_back(at + 1);
        }
    }
    [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
        if (mark.line < 0) return 0;
        const auto line = static_cast<std::size_t>(mark.line);
        if (line >= line_starts_.size()) return text_.size();
        return std::min(text_.size(), line_starts_[line] + static_cast<std::size_t>(std::max(0, mark.column)));
    }
    [[nodiscard]] Place at(const YAML::Mark& mark) { return finder_.at(offset(mark)); }
    [[nodiscard]] Place at(std::size_t offset) { return finder_.at(offset); }
    [[nodiscard]] std::string_view text() const { return text_; }
    /// The line around an offset.
    [[nodiscard]] std::string_view line_at(std::size_t offset) const {
        const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
        const std::size_t start = *(next - 1);
        const std::size_t end = next == line_starts_.end() ? text_.size() : *next;
        return text_.substr(start, end - start);
    }

private:
    std::string_view text_;
    PlaceFinder finder_;
    std::vector<std::size_t> line_starts_;
};

// The parser would take some of these for the end of the text and say nothing.
void refuse_bad_characters(std::string_view text, YamlPlaces& places) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_length(text, i);
        if (length == 0) throw Refusal{"the text is not UTF-8 here", places.at(i)};
        if (byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) {
            throw Refusal{"a carriage return stands alone; end lines with LF or CRLF", places.at(i)};
        }
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
            throw Refusal{fmt::format("the control character 0x{:02x} is not allowed", byte), places.at(i)};
        }
        i += length;
    }
}

// The parser makes the single bytes 0x85 and 0xA0 of the escapes \N and \_. The text itself was UTF-8, so nothing
// else can be wrong with it.
std::string with_whole_characters(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 0) {
            out += '\xC2';
            out += static_cast<char>(0x80 | (static_cast<unsigned char>(text[i]) & 0x3F));
        }
        out += text.substr(i, length);
        i += std::max<std::size_t>(1, length);
    }
    return out;
}

std::size_t height_of(const Value& value) {
    std::size_t below = 0;
    if (value.is_array()) {
        for (const Value& item : value.as_array()) below = std::max(below, height_of(item));
        return below + 1;
    }
    if (value.is_object()) {
        for (const Member& member : value.as_object()) below = std::max(below, height_of(member.value));
        return below + 1;
    }
    return 0;
}

struct Cost {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
};

class Builder : public YAML::EventHandler {
public:
    Builder(YamlPlaces& places, const YamlLimits& limits) : places_(places), limits_(limits) {}

    [[nodiscard]] std::vector<Value>& documents() { return documents_; }
    [[nodiscard]] const std::vector<Place>& document_starts() const { return document_starts_; }
    /// Of the scalar, list or mapping that was read last.
    [[nodiscard]] Place last_place() const { return last_place_; }
    /// The list or mapping that is being read.
    [[nodiscard]] const Value* innermost() const { return stack_.empty() ? nullptr : &stack_.back().container; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        const std::size_t offset = places_.offset(mark);
        if (documents_seen_++ > 0 && !is_new_document(offset)) {
            throw Refusal{"this does not belong to what comes before it; check the indentation", places_.at(offset)};
        }
        document_start_ = places_.at(offset);
        anchors_.clear();
        stack_.clear();
    }

    void OnDocumentEnd() override {
        if (!root_.is_null()) {
            documents_.push_back(std::move(root_));
            document_starts_.push_back(document_start_);
        }
        root_ = Value();
    }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const Place place = pass(mark);
        if (expects_key()) throw Refusal{"a key is missing here; a key that reads as nothing needs quotes", place};
        put_scalar(Value(), anchor, is_written_null(mark) ? place : empty_place(place));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const Place place = pass(mark);
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw Refusal{"this alias stands inside what it stands for", place};
        const Anchored& anchored = found->second;
        if (expects_key()) {
            if (!anchored.value.is_string()) throw Refusal{"a key must be text", place};
            return take_key(anchored.value.as_string(), place, false);
        }
        // The budget is looked at before anything is copied: this is what stops an alias bomb.
        spend(anchored.cost, place);
        if (stack_.size() + height_of(anchored.value) > limits_.max_depth) throw too_deep(place);
        Value copy = anchored.value;
        copy.set_place(place);
        attach(std::move(copy));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        if (first_invalid_utf8(text)) return OnScalar(mark, tag, anchor, with_whole_characters(text));
        const Place place = pass(mark);
        if (expects_key()) {
            spend({0, text.size()}, place);
            if (anchor != YAML::NullAnchor) anchors_[anchor] = {Value(text), {1, text.size()}};
            return take_key(text, place, tag == "?");
        }
        put_scalar(resolve(tag, text, place), anchor, place);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(Value(Array{}), tag, "seq", anchor, pass(mark));
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Value(Object{}), tag, "map", anchor, pass(mark));
    }
    void OnMapEnd() override {
        Frame& frame = stack_.back();
        Object& members = frame.container.as_object();
        if (const auto duplicate = find_duplicate(members)) {
            const Member& earlier = members[duplicate->first];
            const Member& repeat = members[duplicate->second];
            throw Refusal{fmt::format("the key \"{}\" is there twice; first on line {}, column {}", repeat.key,
                                      earlier.place.line, earlier.place.column),
                          repeat.place};
        }
        merge(members, frame.merged);
        close();
    }

private:
    struct Anchored {
        Value value;
        Cost cost;
    };
    struct Frame {
        Value container;
        YAML::anchor_t anchor = YAML::NullAnchor;
        Cost spent_before;
        bool has_key = false;
        bool key_is_merge = false;
        std::string key;
        Place key_place;
        std::vector<Value> merged;
    };

    // After the first, a document begins with "---" or follows the "..." that ended the one before. The parser
    // takes anything left over for another document.
    [[nodiscard]] bool is_new_document(std::size_t offset) const {
        const std::string_view text = places_.text();
        if (text.substr(offset).starts_with("---")) return true;
        while (offset > 0) {
            const std::size_t line_end = text.rfind('\n', offset - 1);
            if (line_end == std::string_view::npos) return false;
            const std::string_view line = places_.line_at(line_end);
            if (line.starts_with("...")) return true;
            if (const auto bare = trim(line); !bare.empty() && bare[0] != '#') return false;
            offset = line_end - (line.size() - 1);
        }
        return false;
    }

    [[nodiscard]] bool expects_key() const {
        return !stack_.empty() && stack_.back().container.is_object() && !stack_.back().has_key;
    }

    [[nodiscard]] bool is_written_null(const YAML::Mark& mark) const {
        const std::string_view rest = places_.text().substr(places_.offset(mark));
        return rest.starts_with('~') || to_lower(rest.substr(0, 4)) == "null";
    }

    // The parser puts an empty value where the next thing begins; its key is the better place.
    [[nodiscard]] Place empty_place(Place otherwise) const {
        return !stack_.empty() && stack_.back().has_key ? stack_.back().key_place : otherwise;
    }

    [[nodiscard]] Refusal too_deep(Place place) const {
        return {fmt::format("it is nested more than {} levels deep here", limits_.max_depth), place};
    }

    void spend(Cost cost, Place place) { charge(spent_, cost, place); }
    // Anchored values are kept a second time, and anchors can be nested; that has a budget of the same size.
    void keep(Cost cost, Place place) { charge(kept_, cost, place); }

    void charge(Cost& total, Cost cost, Place place) const {
        total.nodes += cost.nodes;
        total.bytes += cost.bytes;
        if (total.nodes > limits_.max_nodes) {
            throw Refusal{fmt::format("too many nodes: more than {}, counting what aliases stand for",
                                      limits_.max_nodes),
                          place};
        }
        if (total.bytes > limits_.max_bytes) {
            throw Refusal{fmt::format("too much text: more than {}, counting what aliases stand for",
                                      bytes_in_words(static_cast<std::int64_t>(limits_.max_bytes))),
                          place};
        }
    }

    Place pass(const YAML::Mark& mark) { return last_place_ = places_.at(mark); }

    static Value resolve(const std::string& tag, const std::string& text, Place place) {
        constexpr std::string_view kCore = "tag:yaml.org,2002:";
        if (tag == "?" || tag.empty()) return resolve_plain(text);
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return Value(text);
        if (!tag.starts_with(kCore)) throw unknown_tag(tag, place);
        const std::string_view type = std::string_view(tag).substr(kCore.size());
        Value value = resolve_plain(text);
        const bool fits = (type == "int" && value.is_int()) || (type == "float" && value.is_number()) ||
                          (type == "bool" && value.is_bool()) || (type == "null" && value.is_null());
        if (fits && type == "float") return Value(value.as_double());
        if (fits) return value;
        if (type != "int" && type != "float" && type != "bool" && type != "null") throw unknown_tag(tag, place);
        throw Refusal{fmt::format("the tag !!{} does not fit \"{}\"", type, text), place};
    }

    static Refusal unknown_tag(const std::string& tag, Place place) {
        return {fmt::format("the tag {} is not known", tag), place};
    }

    // The parser also takes a bracket for a key when it is never closed.
    [[nodiscard]] Refusal container_as_key(const Value& container, Place place) const {
        if (stack_.back().container.place() == place) {
            return {fmt::format("{} cannot be a key; is its \"{}\" never closed?", container.type_name(),
                                container.is_array() ? '[' : '{'),
                    place};
        }
        return {fmt::format("{} cannot be a key; a template such as {{{{ name }}}} needs quotes",
                            container.type_name()),
                place};
    }

    void put_scalar(Value value, YAML::anchor_t anchor, Place place) {
        value.set_place(place);
        const Cost cost{1, value.is_string() ? value.as_string().size() : 0};
        spend(cost, place);
        if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, cost};
        attach(std::move(value));
    }

    void take_key(std::string_view key, Place place, bool plain) {
        Frame& frame = stack_.back();
        frame.has_key = true;
        frame.key_is_merge = plain && key == "<<";
        frame.key = key;
        frame.key_place = place;
    }

    void open(Value container, std::string_view tag, std::string_view type, YAML::anchor_t anchor, Place place) {
        if (expects_key()) throw container_as_key(container, place);
        const bool known = tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("tag:yaml.org,2002:{}", type);
        if (!known) throw unknown_tag(std::string(tag), place);
        if (stack_.size() >= limits_.max_depth) throw too_deep(place);
        Frame frame;
        frame.spent_before = spent_;
        spend({1, 0}, place);
        frame.container = std::move(container);
        frame.container.set_place(place);
        frame.anchor = anchor;
        stack_.push_back(std::move(frame));
    }

    void close() {
        Frame done = std::move(stack_.back());
        stack_.pop_back();
        if (done.anchor != YAML::NullAnchor) {
            const Cost cost{spent_.nodes - done.spent_before.nodes, spent_.bytes - done.spent_before.bytes};
            keep(cost, done.container.place());
            anchors_[done.anchor] = {done.container, cost};
        }
        attach(std::move(done.container));
    }

    void attach(Value value) {
        if (stack_.empty()) {
            root_ = std::move(value);
            return;
        }
        Frame& top = stack_.back();
        if (top.container.is_array()) {
            top.container.as_array().push_back(std::move(value));
            return;
        }
        top.has_key = false;
        if (top.key_is_merge) {
            take_merged(top.merged, std::move(value));
        } else {
            top.container.as_object().push_back({std::move(top.key), std::move(value), top.key_place});
        }
    }

    static void take_merged(std::vector<Value>& merged, Value value) {
        const Place place = value.place();
        if (value.is_object()) {
            merged.push_back(std::move(value));
            return;
        }
        if (!value.is_array()) throw Refusal{"<< takes a mapping or a list of mappings", place};
        for (Value& item : value.as_array()) {
            if (!item.is_object()) throw Refusal{"<< takes a mapping or a list of mappings", item.place()};
            merged.push_back(std::move(item));
        }
    }

    // What the mapping says itself wins, then the earlier of the merged ones.
    static void merge(Object& members, std::vector<Value>& merged) {
        if (merged.empty()) return;
        std::unordered_set<std::string> keys;
        for (const Member& member : members) keys.insert(member.key);
        for (Value& source : merged) {
            for (Member& member : source.as_object()) {
                if (keys.insert(member.key).second) members.push_back(std::move(member));
            }
        }
    }

    YamlPlaces& places_;
    const YamlLimits& limits_;
    std::vector<Frame> stack_;
    std::unordered_map<YAML::anchor_t, Anchored> anchors_;
    Value root_;
    Place document_start_;
    Cost spent_;
    Cost kept_;
    Place last_place_;
    std::size_t documents_seen_ = 0;
    std::vector<Value> documents_;
    std::vector<Place> document_starts_;
};

struct Wording {
    std::string_view theirs;
    std::string_view ours;
};

// What the parser says, in words that name the likely slip.
const Wording kWordings[] = {
    {YAML::ErrorMsg::MAP_VALUE,
     "a \":\" is not allowed here; put quotes around text that holds one, or check the indentation"},
    {YAML::ErrorMsg::MAP_KEY, "a key is not allowed here; check the indentation"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a \"- \" is not allowed here; check the indentation"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab is used for indentation; use spaces"},
    {YAML::ErrorMsg::END_OF_MAP, "this does not belong to the mapping before it; check the indentation and the quotes"},
    {YAML::ErrorMsg::END_OF_SEQ, "this does not belong to the list before it; check the indentation and the quotes"},
    {YAML::ErrorMsg::FLOW_END, "this bracket closes nothing"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "text may not begin with this character; put quotes around it"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "this alias names no anchor"},
    {YAML::ErrorMsg::ALIAS_CONTENT, "an alias can have no tag or anchor"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "only a comment may follow the | or > here"},
    {YAML::ErrorMsg::INVALID_HEX, "an escape needs hexadecimal digits here"},
};

std::string wording(const std::string& theirs) {
    for (const Wording& row : kWordings) {
        if (row.theirs == theirs) return std::string(row.ours);
    }
    return theirs;
}

bool is_indented_with_tab(std::string_view line) {
    const std::size_t text = line.find_first_not_of(" \t");
    return line.substr(0, text == std::string_view::npos ? line.size() : text).find('\t') != std::string_view::npos;
}

Refusal refusal_from(const YAML::ParserException& error, YamlPlaces& places, const Builder& builder) {
    const Place place = places.at(error.mark);
    const bool in_flow = error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    const Value* open = builder.innermost();
    if (in_flow && open != nullptr) {
        return {fmt::format("expected \",\" or \"{}\" to go on with {} that begins on line {}, column {}",
                            open->is_array() ? ']' : '}', open->is_array() ? "the list" : "the mapping",
                            open->place().line, open->place().column),
                place};
    }
    if (error.msg == YAML::ErrorMsg::DOC_IN_SCALAR || error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
        const Place last = builder.last_place();
        return {fmt::format("a quote that opens after line {}, column {} is never closed", std::max(1, last.line),
                            std::max(1, last.column)),
                place};
    }
    if (is_indented_with_tab(places.line_at(places.offset(error.mark)))) {
        return {wording(YAML::ErrorMsg::TAB_IN_INDENTATION), place};
    }
    return {wording(error.msg), place};
}

// yaml-cpp reads from a stream; this one does without a copy of its own.
class MemoryBuffer : public std::streambuf {
public:
    explicit MemoryBuffer(std::string& text) { setg(text.data(), text.data(), text.data() + text.size()); }
};

struct Documents {
    std::vector<Value> values;
    std::vector<Place> starts;
};

Result<Documents> read_documents(std::string_view text, const YamlLimits& limits) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::kExhausted, "the YAML text has {}, more than the {} that are allowed",
                    bytes_in_words(static_cast<std::int64_t>(text.size())),
                    bytes_in_words(static_cast<std::int64_t>(limits.max_bytes)));
    }
    text = without_bom(text);
    YamlPlaces places(text);
    Builder builder(places, limits);
    try {
        refuse_bad_characters(text, places);
        // An end marker, because the parser accepts a quote left open at the very end of a text.
        std::string ended(text);
        ended += ended.ends_with('\n') ? "...\n" : "\n...\n";
        MemoryBuffer buffer(ended);
        std::istream stream(&buffer);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refusal& refusal) {
        return fail(error_at(kNotYaml, refusal.message, refusal.place));
    } catch (const YAML::ParserException& error) {
        const Refusal refusal = refusal_from(error, places, builder);
        return fail(error_at(kNotYaml, refusal.message, refusal.place));
    } catch (const YAML::Exception& error) {
        return fail(error_at(kNotYaml, error.msg, {}));
    }
    return Documents{std::move(builder.documents()), builder.document_starts()};
}

}  // namespace

Result<Value> parse_yaml(std::string_view text, const YamlLimits& limits) {
    Documents documents = TRY(read_documents(text, limits));
    if (documents.values.size() > 1) {
        return fail(error_at(kNotYaml, "a second document begins here, but only one is expected", documents.starts[1]));
    }
    return documents.values.empty() ? Value() : std::move(documents.values[0]);
}

Result<std::vector<Value>> parse_yaml_documents(std::string_view text, const YamlLimits& limits) {
    Documents documents = TRY(read_documents(text, limits));
    return std::move(documents.values);
}

}  // namespace pintle::json
