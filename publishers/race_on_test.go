//go:build race

package publishers_test

// raceDetector says that this binary is many times slower than the one that users run.
const raceDetector = true
