#ifndef EDGE_GUEST_TEXT_H
#define EDGE_GUEST_TEXT_H

// Under ThreadSanitizer every file of this module begins with this one (Package.swift): its functions lie together, so that the tick
// knows them from the sanitizer's (thread_sanitizer.h).
#pragma clang section text = "edge_guest"

#endif
