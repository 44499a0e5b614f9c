#include "provider/openai/json/object_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "provider/openai/json/json_scalar.hpp"
#include "provider/openai/validation_errors.hpp"

namespace batchd::provider {
namespace {

namespace json = boost::json;

/// True where the `object` of an answer is the word for something else than was asked for. Services have
/// words of their own for what is asked for, which tell nothing.
bool is_something_else(std::string_view word, std::string_view asked) {
    static constexpr std::array<std::string_view, 6> kWords = {"batch", "file",  "list",
                                                               "model", "error", "chat.completion"};
    return word != asked && std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// Where a value is to be found, step by step from the outermost; empty: it is the whole text.
using KeyPath = std::vector<std::string>;

/// "a.b" is {"a", "b"}.
KeyPath steps_of(std::string_view field) {
    KeyPath steps;
    while (!field.empty()) {
        const std::size_t dot = std::min(field.find('.'), field.size());
        steps.emplace_back(field.substr(0, dot));
        field.remove_prefix(std::min(dot + 1, field.size()));
    }
    return steps;
}

bool is_at(JsonPath path, const KeyPath& place) {
    return std::equal(path.begin(), path.end(), place.begin(), place.end());
}

bool is_below(JsonPath path, const KeyPath& place) {
    return path.size() >= place.size() && is_at(path.first(place.size()), place);
}

class FileBuilder {
public:
    FileBuilder(Room& room, const Forms&) : room_(room) {}

    bool begin(JsonPath) { return true; }
    bool end(JsonPath) { return true; }
    bool scalar(JsonPath path, const json::value& value) {
        if (path.size() != 1) return true;
        if (path[0] == "id") file_.id = word_of(value);
        if (path[0] == "filename") file_.filename = word_of(value);
        if (path[0] == "bytes") file_.size_bytes = count_of(value).value_or(0);
        if (path[0] == "created_at") file_.created_at = time_of(value).value_or(TimePoint{});
        if (path[0] == "status") file_.status_word = lower_word(value);
        if (path[0] == "object") object_ = lower_word(value);
        return true;
    }
    /// Nothing for what has no id; `room.bytes` is 0 where there is none left.
    std::optional<FileObject> take() {
        const std::size_t size =
            sizeof file_ + file_.id.size() + file_.filename.size() + file_.status_word.size();
        if (file_.id.empty() || is_something_else(object_, "file") || !room_.take(size)) return std::nullopt;
        return std::move(file_);
    }

private:
    Room& room_;
    FileObject file_;
    std::string object_;
};

class BatchBuilder {
public:
    BatchBuilder(Room& room, const Forms& forms) : room_(room), forms_(forms), errors_(room) {}

    bool begin(JsonPath path) {
        if (!path.empty() && path[0] == "errors") errors_.begin(path.subspan(1));
        return true;
    }
    bool end(JsonPath path) {
        if (!path.empty() && path[0] == "errors") errors_.end(path.subspan(1));
        return true;
    }
    bool scalar(JsonPath path, const json::value& value) {
        if (path[0] == "errors") errors_.scalar(path.subspan(1), value);
        if (path.size() == 1) set(path[0], value);
        if (path.size() == 2 && path[0] == "request_counts") set_count(path[1], value);
        if (path.size() > 1 && path[0] == "usage") set_tokens(path.subspan(1), value);
        if (path.size() == 2 && path[0] == "metadata" && value.is_string()) {
            batch_.metadata[path[1]] = word_of(value);
            return room_.take(path[1].size() + batch_.metadata[path[1]].size() + kMapNodeBytes);
        }
        return true;
    }
    /// As FileBuilder::take().
    std::optional<BatchObject> take() {
        const std::size_t size = sizeof batch_ + batch_.id.size() + batch_.status_word.size() +
                                 batch_.endpoint.size() + batch_.input_file_id.size() +
                                 batch_.output_file_id.size() + batch_.error_file_id.size();
        // Something without an id can be neither recorded nor asked for.
        if (batch_.id.empty() || is_something_else(object_, "batch") || !room_.take(size))
            return std::nullopt;
        batch_.errors = errors_.take();
        for (const auto& end : ends_)
            if (end && !batch_.ended_at) batch_.ended_at = end;
        return std::move(batch_);
    }

private:
    // About what an entry of a map takes beside its texts: a million empty ones fill the memory as well.
    static constexpr std::size_t kMapNodeBytes = 100;

    void set(std::string_view key, const json::value& value) {
        if (key == "id") batch_.id = word_of(value);
        if (key == "object") object_ = lower_word(value);
        if (key == "status") {
            batch_.status_word = forms_.meaning_of(lower_word(value));
            batch_.status = parse_status(batch_.status_word);
        }
        if (key == "endpoint" && forms_.tells_endpoint) batch_.endpoint = word_of(value);
        if (key == "input_file_id") batch_.input_file_id = word_of(value);
        if (key == "output_file_id") batch_.output_file_id = word_of(value);
        if (key == "error_file_id") batch_.error_file_id = word_of(value);
        if (key == "created_at") batch_.created_at = time_of(value).value_or(TimePoint{});
        if (key == "expires_at") batch_.expires_at = time_of(value);
        for (std::size_t i = 0; i < kEnds.size(); ++i)
            if (key == kEnds[i]) ends_[i] = time_of(value);
    }
    void set_count(std::string_view key, const json::value& value) {
        const std::uint64_t count = count_of(value).value_or(0);
        if (key == "total") batch_.total = count;
        if (key == "completed") batch_.completed = count;
        if (key == "failed") batch_.failed = count;
    }

    /// Source: https://platform.openai.com/docs/api-reference/batch/object
    void set_tokens(JsonPath path, const json::value& value) {
        const std::uint64_t tokens = count_of(value).value_or(0);
        money::Usage& usage = batch_.usage ? *batch_.usage : batch_.usage.emplace();
        if (path.size() == 1 && path[0] == "input_tokens") usage.input = tokens;
        if (path.size() == 1 && path[0] == "output_tokens") usage.output = tokens;
        if (path.size() != 2) return;
        if (path[0] == "input_tokens_details" && path[1] == "cached_tokens") usage.cached = tokens;
        if (path[0] == "output_tokens_details" && path[1] == "reasoning_tokens") usage.reasoning = tokens;
    }

    static constexpr std::array<std::string_view, 4> kEnds = {"completed_at", "failed_at", "expired_at",
                                                              "cancelled_at"};

    Room& room_;
    const Forms& forms_;
    BatchObject batch_;
    std::string object_;
    std::array<std::optional<TimePoint>, kEnds.size()> ends_;
    ErrorsBuilder errors_;
};

class DeletionBuilder {
public:
    DeletionBuilder(Room&, const Forms&) {}

    bool begin(JsonPath) { return true; }
    bool end(JsonPath) { return true; }
    bool scalar(JsonPath path, const json::value& value) {
        if (path.size() != 1) return true;
        if (path[0] == "id") deletion_.id = word_of(value);
        if (path[0] == "deleted" && value.is_bool()) deletion_.is_deleted = value.get_bool(), says_so_ = true;
        return true;
    }
    std::optional<Deletion> take() { return says_so_ ? std::optional(std::move(deletion_)) : std::nullopt; }

private:
    Deletion deletion_;
    bool says_so_ = false;
};

/// One object: all of a text, or what stands at a known place in it.
template <class Builder>
class Single {
public:
    Single(Room& room, const Forms& forms) : place_(steps_of(forms.object_field)), builder_(room, forms) {}

    bool begin(JsonPath path, JsonKind) { return !is_below(path, place_) || builder_.begin(within(path)); }
    bool end(JsonPath path) { return !is_below(path, place_) || builder_.end(within(path)); }
    bool scalar(JsonPath path, const json::value& value) {
        return path.size() <= place_.size() || !is_below(path, place_) ||
               builder_.scalar(within(path), value);
    }
    auto take() { return builder_.take(); }

private:
    JsonPath within(JsonPath path) const { return path.subspan(place_.size()); }

    KeyPath place_;
    Builder builder_;
};

/// A list of objects: bare, where the service is known to have it, or under "data". The first such array that
/// comes by is the list.
template <class T, class Builder>
class List {
public:
    List(Room& room, const Forms& forms)
        : room_(room), forms_(forms), places_{KeyPath{}, steps_of(forms.list_field), KeyPath{"data"}} {}

    bool begin(JsonPath path, JsonKind kind) {
        if (place_ == nullptr && kind == JsonKind::array) find_list(path);
        if (is_element(path)) {
            builder_.reset();
            if (kind == JsonKind::object) builder_.emplace(room_, forms_);
        }
        return !is_in_entry(path) || builder_->begin(within_entry(path));
    }
    bool end(JsonPath path) {
        if (is_element(path)) {
            add(builder_ ? builder_->take() : std::nullopt);
            builder_.reset();
            return room_.bytes > 0;
        }
        return !is_in_entry(path) || builder_->end(within_entry(path));
    }
    bool scalar(JsonPath path, const json::value& value) {
        if (is_beside_list(path) && path.back() == "has_more") has_more_ = yes_or_no(value);
        if (!path.empty() && path[0] == "error" && !text_of(value).empty()) is_error_ = true;
        if (is_element(path)) ++page_.unreadable;
        return !is_in_entry(path) || builder_->scalar(within_entry(path), value);
    }
    std::optional<Page<T>> take() {
        if (place_ == nullptr || is_error_) return std::nullopt;
        const std::size_t entries = page_.items.size() + page_.unreadable;
        // A page that is just full may not be the last, whatever is said beside it: to look once more costs a
        // call, to take it for the end perhaps a batch. One with more than was asked for has no pages.
        const bool may_have_more = has_more_ ? entries == forms_.page_size : entries >= forms_.page_size;
        page_.has_more = has_more_.value_or(false) || may_have_more;
        return std::move(page_);
    }

private:
    void find_list(JsonPath path) {
        for (const auto& place : places_)
            if (is_at(path, place)) place_ = &place;
    }
    bool is_below_element(JsonPath path) const {
        return place_ != nullptr && path.size() > place_->size() && is_below(path, *place_) &&
               path[place_->size()] == kJsonElement;
    }
    /// At the top, or in the object that has the list.
    bool is_beside_list(JsonPath path) const {
        const KeyPath& list = places_[1];
        return path.size() == 1 || (path.size() > 1 && path.size() == list.size() &&
                                    std::equal(path.begin(), path.end() - 1, list.begin()));
    }
    bool is_element(JsonPath path) const {
        return is_below_element(path) && path.size() == place_->size() + 1;
    }
    bool is_in_entry(JsonPath path) const {
        return builder_ && is_below_element(path) && path.size() > place_->size() + 1;
    }
    JsonPath within_entry(JsonPath path) const { return path.subspan(place_->size() + 1); }
    void add(std::optional<T> item) {
        if (item)
            page_.items.push_back(std::move(*item));
        else
            ++page_.unreadable;
    }

    Room& room_;
    const Forms& forms_;
    std::array<KeyPath, 3> places_;
    const KeyPath* place_ = nullptr;  // where the list was found
    std::optional<Builder> builder_;
    std::optional<bool> has_more_;
    bool is_error_ = false;  // an empty list beside an error is none
    Page<T> page_;
};

template <class T>
struct DocumentOf;
template <>
struct DocumentOf<FileObject> : Single<FileBuilder> {
    using Single::Single;
};
template <>
struct DocumentOf<BatchObject> : Single<BatchBuilder> {
    using Single::Single;
};
template <>
struct DocumentOf<Deletion> : Single<DeletionBuilder> {
    using Single::Single;
};
template <>
struct DocumentOf<Page<FileObject>> : List<FileObject, FileBuilder> {
    using List::List;
};
template <>
struct DocumentOf<Page<BatchObject>> : List<BatchObject, BatchBuilder> {
    using List::List;
};

}  // namespace

template <class T>
struct ObjectReader<T>::Impl final : JsonVisitor {
    bool begin(JsonPath path, JsonKind kind) override { return document.begin(path, kind); }
    bool end(JsonPath path) override { return document.end(path); }
    bool scalar(JsonPath path, const json::value& value) override { return document.scalar(path, value); }

    explicit Impl(Forms given) : forms(std::move(given)) {}

    Forms forms;
    Room room;
    DocumentOf<T> document{room, forms};
    JsonStream stream{*this};
    JsonStream::End how = JsonStream::End::cut_off;
};

template <class T>
ObjectReader<T>::ObjectReader(Forms forms) : impl_(std::make_unique<Impl>(std::move(forms))) {}

template <class T>
ObjectReader<T>::~ObjectReader() = default;

template <class T>
bool ObjectReader<T>::write(std::string_view piece) {
    return impl_->stream.write(piece);
}

template <class T>
std::optional<T> ObjectReader<T>::finish() {
    impl_->how = impl_->stream.finish();
    if (impl_->how != JsonStream::End::whole) return std::nullopt;
    return impl_->document.take();
}

template <class T>
JsonStream::End ObjectReader<T>::end() const {
    return impl_->how;
}

template class ObjectReader<FileObject>;
template class ObjectReader<BatchObject>;
template class ObjectReader<Deletion>;
template class ObjectReader<Page<FileObject>>;
template class ObjectReader<Page<BatchObject>>;

}  // namespace batchd::provider
