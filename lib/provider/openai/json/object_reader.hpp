#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "provider/openai/json/json_stream.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// Where and in which words a service says what OpenAI says, where it has words and places of its own.
struct Forms {
    std::string list_field = "data";  ///< of a listing: where its items are; dots lead into objects
    std::string object_field;         ///< where the one object of an answer is; "": it is the answer
    /// So many items were asked for of a listing: where it does not say whether there are more, a page of as
    /// many has more behind it.
    std::size_t page_size = 100;
    std::map<std::string, std::string> status_words;  ///< its word, in lower case, to OpenAI's
    /// False where a batch bears another endpoint than its lines, which then counts as none.
    bool tells_endpoint = true;
    /// A word of its own as OpenAI's: what goes on record, for a later look has the word alone to judge by.
    std::string meaning_of(std::string word) const {
        const auto own = status_words.find(word);
        return own == status_words.end() ? std::move(word) : own->second;
    }
};

/// The answer to a DELETE.
struct Deletion {
    bool is_deleted = false;
    std::string id;  ///< of what was deleted; "" where it does not say
};

/// Reads one of the provider's answers as it comes, in any pieces, with distrust: unknown keys are passed
/// over, and a key of the wrong type counts as absent, null and "" as well. What is kept is bounded, and so
/// memory does not grow with the answer: 16 MiB of objects, and over all of an answer 100,000 validation
/// errors, with 1 MiB of their texts.
///
/// T is FileObject or BatchObject, which need an `id`, and are none where `object` says that they are
/// something else; a Page of either, `{"data": […], "has_more": …}`, a list where Forms has it, or a bare
/// array, which counts entries without an `id` as unreadable; or Deletion, which needs `deleted`.
template <class T>
class ObjectReader {
public:
    /// One reader reads one answer.
    explicit ObjectReader(Forms forms = {});
    ~ObjectReader();

    /// False when nothing that follows can make a difference.
    bool write(std::string_view piece);
    /// After the last piece. Nothing when it is not such an answer.
    std::optional<T> finish();
    /// After finish(): how the text ended. `stopped`: it holds more than is kept.
    JsonStream::End end() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::provider
