package main

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database/databasetest"
)

// runTests runs the tests and then looks for goroutines that somebody has forgotten.
func runTests(m *testing.M) int {
	code := databasetest.Main(m).Run()
	if err := os.RemoveAll(plainBinary.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
