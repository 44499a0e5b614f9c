// As lib/base/precompiled.hpp, for a server.
#pragma once

#include "base/precompiled.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
