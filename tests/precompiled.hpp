// As lib/base/precompiled.hpp, with what every test includes.
#pragma once

#include "base/precompiled.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>
