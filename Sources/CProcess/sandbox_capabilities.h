#ifndef CPROCESS_SANDBOX_CAPABILITIES_H
#define CPROCESS_SANDBOX_CAPABILITIES_H

#include <linux/capability.h>

/// What a server may keep of root's powers: files of other users, and ports under 1024.
#define EDGE_KEPT_CAPABILITIES ((1u << CAP_DAC_OVERRIDE) | (1u << CAP_NET_BIND_SERVICE))

#endif
