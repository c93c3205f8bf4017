//go:build !race

package publishers_test

// raceDetector says that this binary is as fast as the one that users run.
const raceDetector = false
