package console

// Ably's browser client: the version in package.json, from here or from the CDN.
const (
	clientPath = "/assets/ably.min.js"

	cdnOrigin = "https://cdn.ably.com"
	cdnURL    = cdnOrigin + "/lib/ably.min-2.28.0.js"
	// cdnIntegrity accepts two texts: the npm package's build/ably.min.js, and the same without its source map line, which is
	// what Ably's deployment puts on the CDN.
	cdnIntegrity = "sha384-9mUKcIxMT1vcBxxFeYNNeEvx8tSbB3MeONzQYcgJHAebxrg/g4CsGznQpp4DKl1+ " +
		"sha384-SQa/bifsOXACnC9lqGmIdevHOESao90qevm3OLDnCJg1NAuq7Yccvt6H4JT1VIfc"
)

// clientFiles lists where npm ci puts the client, seen from the repository's root and from this folder.
func clientFiles() []string {
	return []string{
		"internal/console/node_modules/ably/build/ably.min.js",
		"node_modules/ably/build/ably.min.js",
	}
}
