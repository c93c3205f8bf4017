// Command booking is the whole engine in one binary: it serves the API, runs the demo and starts the two local servers.
//
// Run "booking help" for the commands. Exit codes: 0 done, 1 failed or found wrong, 2 used wrongly.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // branches name IANA zones; a bare machine may have no zone files
)

func main() {
	os.Exit(realMain())
}

func realMain() int {
	// The second signal kills: NotifyContext stops listening once the context is done.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	p := &program{Args: os.Args, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
	return p.Run(ctx)
}
