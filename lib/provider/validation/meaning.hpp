#pragma once

#include "provider/provider.hpp"

/// What an error of a validation means, by the codes and the words of the services that have batches. Whoever
/// decides what becomes of a batch asks here, and knows no provider's word itself. Of one error several of
/// these may be true: which counts first is for the asker to say. Pure.
namespace batchd::provider {

/// Too many tokens are enqueued. By the code where there is one, and by the words of those who have only a
/// text: a limit that is not understood would make all requests of the batch fail, where they only have to
/// wait.
bool is_token_limit(const ValidationError& error);

/// The account can't pay. Whoever pays the bill mends it, perhaps tomorrow; until then nothing is wrong with
/// the requests.
bool is_quota(const ValidationError& error);

/// A fault of the server's: nothing is wrong with the batch. An error that says nothing at all is one, too.
bool is_servers_fault(const ValidationError& error);

/// It would be said of each request of the batch alone: the model, the endpoint or the file is wrong.
bool is_about_all(const ValidationError& error);

/// The provider's fault, and it lasted hours at times: the file is there, and it can't find it.
bool is_lost_file(const ValidationError& error);

/// Its model, or its endpoint, is not there or not for batches.
bool is_about_model(const ValidationError& error);

}  // namespace batchd::provider
